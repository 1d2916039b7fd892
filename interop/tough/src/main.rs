//! Judges a repository with tough, the client of Bottlerocket.
//!
//! Usage: tough-judge ROOT BASE STATE TARGET..., see ../README.md. BASE is a folder.

use std::{env, error::Error, fs, path::Path};

use tough::{IntoVec, RepositoryLoader, TargetName};
use url::Url;

async fn judge(root: &str, base: &str, state: &str, targets: &[String]) -> Result<(), Box<dyn Error>> {
    let trusted = fs::read(root)?;
    let folder = |name| Url::from_directory_path(Path::new(base).join(name)).map_err(|()| "BASE is not an absolute path");
    let repository = RepositoryLoader::new(&trusted, folder("metadata")?, folder("targets")?)
        .datastore(state)
        .load()
        .await?;
    for name in targets {
        match repository.read_target(&TargetName::new(name)?).await? {
            Some(image) => image.into_vec().await?,
            None => return Err(format!("no target {name}").into()),
        };
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<String> = env::args().collect();
    match judge(&args[1], &args[2], &args[3], &args[4..]).await {
        Ok(()) => println!("ACCEPT"),
        Err(e) => println!("REJECT: {}", e.to_string().replace('\n', " ")),
    }
}
