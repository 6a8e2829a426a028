"""A certificate for the shop, and the authority that has signed it."""

import subprocess
from pathlib import Path
from typing import NamedTuple

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Certificate(NamedTuple):
    authority: Path
    certificate: Path
    key: Path


def make(folder, name):
    """In the folder, for this host name."""
    authority, certificate = folder / "authority", folder / "shop"
    _openssl(authority, "-subj", "/CN=The lab's authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    signed = ["-CA", authority.with_suffix(".pem"), "-CAkey", authority.with_suffix(".key")]
    _openssl(
        certificate,
        *signed,
        "-subj",
        f"/CN={name}",
        "-addext",
        f"subjectAltName=DNS:{name}",
        "-addext",
        "basicConstraints=CA:FALSE",
    )
    return Certificate(authority.with_suffix(".pem"), certificate.with_suffix(".pem"), certificate.with_suffix(".key"))


def _openssl(path, *options):
    files = ["-keyout", path.with_suffix(".key"), "-out", path.with_suffix(".pem")]
    command = ["openssl", "req", "-x509", "-days", "30", *NEW_KEY, *files, *options]
    subprocess.run(command, check=True, capture_output=True)
