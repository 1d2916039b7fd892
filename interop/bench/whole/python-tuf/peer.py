"""Do with python-tuf what a peer does; see package whole."""

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_der_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp

FILES = {Timestamp.type: "timestamp.json", Snapshot.type: "1.snapshot.json", Targets.type: "1.targets.json"}


def verify(folder: Path) -> None:
    root = Metadata[Root].from_file(str(folder / "metadata" / "1.root.json"))
    root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    entry = None
    for role, name in FILES.items():
        data = (folder / "metadata" / name).read_bytes()
        if entry:
            entry.verify_length_and_hashes(data)
        file = Metadata.from_bytes(data)
        root.signed.verify_delegate(role, file.signed_bytes, file.signatures)
        if file.signed.is_expired():
            raise ValueError(f"{name} is expired")
        if role == Timestamp.type:
            entry = file.signed.snapshot_meta
        elif role == Snapshot.type:
            entry = file.signed.meta["targets.json"]


def add(folder: Path, out: Path) -> None:
    files = {role: Metadata.from_file(str(folder / "metadata" / name)) for role, name in FILES.items()}
    images = files[Targets.type].signed.targets
    images["ecu-new/firmware.bin"] = next(iter(images.values()))
    files[Snapshot.type].signed.meta["targets.json"] = publish(files, Targets.type, folder, out / "2.targets.json")
    files[Timestamp.type].signed.snapshot_meta = publish(files, Snapshot.type, folder, out / "2.snapshot.json")
    publish(files, Timestamp.type, folder, out / "timestamp.json")


def publish(files: dict[str, Metadata], role: str, folder: Path, out: Path) -> MetaFile:
    """Sign version 2 of a file, write it and return what its referrer states of it."""
    file = files[role]
    file.signed.version = 2
    file.signed.expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=90)
    file.sign(CryptoSigner(load_der_private_key((folder / "keys" / f"{role}.der").read_bytes(), None)))
    data = file.to_bytes()
    out.write_bytes(data)
    return MetaFile.from_data(2, data, ["sha256"])


_, job, *folders = sys.argv
{"add": add, "verify": verify}[job](*map(Path, folders))
