"""Measure python-tuf: a candidate as ../candidate/candidate.go describes it."""

import re
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Targets


def verify(folder: Path):
    root = Metadata[Root].from_bytes((folder / "root.json").read_bytes()).signed
    data = (folder / "targets.json").read_bytes()

    def job() -> None:
        targets = Metadata[Targets].from_bytes(data)
        root.verify_delegate(Targets.type, targets.signed_bytes, targets.signatures)

    return job


def canonicalise(folder: Path):
    targets = Metadata[Targets].from_bytes((folder / "targets.json").read_bytes())
    return lambda: targets.signed_bytes


def sign(folder: Path):
    targets = Metadata[Targets].from_bytes((folder / "targets.json").read_bytes())
    seeds = (folder / "seeds.txt").read_text().split()
    signers = [CryptoSigner(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(s))) for s in seeds]

    def job() -> None:
        targets.signatures.clear()
        for signer in signers:
            targets.sign(signer, append=True)
        targets.to_bytes()

    return job


job = {"verify": verify, "canonicalise": canonicalise, "sign": sign}[sys.argv[1]](Path(sys.argv[2]))
start = time.perf_counter()
job()
seconds = time.perf_counter() - start
peak = int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1])
print(seconds, peak * 1024)
