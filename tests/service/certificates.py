"""A certificate authority of a site, made for a test, and a server that shows its certificate."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


class Authority:
    """An authority; `file` holds its certificate, as a site would name it."""

    def __init__(self, folder: Path, name: str = "Hospital CA") -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(_pem(self._certificate(name, self._key, None)))

    def server(self, host: str = "127.0.0.1") -> ssl.SSLContext:
        """What a server needs that shows a certificate of this authority for an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        file = self._folder / f"{self._name} {host}.pem"
        file.write_bytes(_pem(self._certificate(host, key, host)) + _private(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def withdrawn(self) -> bytes:
        """Its list of withdrawn certificates, which is none itself."""
        now = datetime.fromtimestamp(time.time(), UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(_name(self._name))
        dated = builder.last_update(now).next_update(now + timedelta(days=1))
        signed = dated.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)

    def _certificate(self, subject: str, key: Key, host: str | None) -> x509.Certificate:
        now = datetime.fromtimestamp(time.time(), UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
