//! Does with tough what a peer does; see ../../../bench/whole/main.go.
//!
//! Usage: tough-peer add DIR OUT, tough-peer verify DIR

use std::{env, error::Error, fs, num::NonZeroU64, path::Path, time::Duration};

use jiff::Timestamp;
use tough::{editor::RepositoryEditor, key_source::{KeySource, LocalKeySource}, Repository, RepositoryLoader};
use url::Url;

async fn load(dir: &Path) -> Result<Repository, Box<dyn Error>> {
    let root = fs::read(dir.join("metadata/1.root.json"))?;
    let folder = |name| Url::from_directory_path(dir.join(name)).map_err(|()| "DIR is not an absolute path");
    Ok(RepositoryLoader::new(&root, folder("metadata")?, folder("targets")?).load().await?)
}

async fn add(dir: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let repository = load(dir).await?;
    let image = repository.targets().signed.targets.values().next().ok_or("no image")?.clone();
    let expires = Timestamp::now() + Duration::from_secs(90 * 24 * 3600);
    let version = NonZeroU64::new(2).ok_or("two")?;
    let key = |role: &str| -> Box<dyn KeySource> { Box::new(LocalKeySource { path: dir.join("keys").join(role) }) };
    let mut editor = RepositoryEditor::from_repo(dir.join("metadata/1.root.json"), repository).await?;
    editor.add_target("ecu-new/firmware.bin", image)?;
    editor.targets_version(version)?.targets_expires(expires)?;
    editor.snapshot_version(version).snapshot_expires(expires);
    editor.timestamp_version(version).timestamp_expires(expires);
    let signed = editor.sign(&[key("targets.der"), key("snapshot.der"), key("timestamp.der")]).await?;
    Ok(signed.write(out).await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    if args[1] == "verify" {
        return load(Path::new(&args[2])).await.map(drop);
    }
    add(Path::new(&args[2]), Path::new(&args[3])).await
}
