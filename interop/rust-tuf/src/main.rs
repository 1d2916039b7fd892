//! Judges a repository with rust-tuf.
//!
//! Usage: rust-tuf ROOT BASE STATE TARGET..., see ../README.md. BASE is a folder.

use std::{env, error::Error, fs};

use futures_executor::block_on;
use futures_util::io::{sink, copy};
use tuf::client::{Client, Config};
use tuf::metadata::{RawSignedMetadata, RootMetadata, TargetPath};
use tuf::pouf::Pouf1;
use tuf::repository::FileSystemRepository;

async fn judge(root: &str, base: &str, state: &str, targets: &[String]) -> Result<(), Box<dyn Error>> {
    let trusted = RawSignedMetadata::<Pouf1, RootMetadata>::new(fs::read(root)?);
    let local = FileSystemRepository::<Pouf1>::new(state);
    let remote = FileSystemRepository::<Pouf1>::new(base);
    let mut client = Client::with_trusted_root(Config::default(), &trusted, local, remote).await?;
    client.update().await?;
    for name in targets {
        let mut image = client.fetch_target(&TargetPath::new(name.as_str())?).await?;
        copy(&mut image, &mut sink()).await?;
    }
    Ok(())
}

fn main() {
    let args: Vec<String> = env::args().collect();
    match block_on(judge(&args[1], &args[2], &args[3], &args[4..])) {
        Ok(()) => println!("ACCEPT"),
        Err(e) => println!("REJECT: {e}"),
    }
}
