"""A server's certificate, of its own making where there is none: a branch trusts it by its file, not by a name."""

import ipaddress
import shutil
import subprocess
from pathlib import Path

from deploy.postgres.pair import PairError
from deploy.postgres.programs import make_folder, psql, run

DAYS = 3650  # of a certificate that is made here; another one is made when it is asked for after that


def folder_of(data: Path) -> Path:
    """Beside the data directory: what lies inside is copied to every standby, and with it the key would be."""
    return data.with_name(f"{data.name}.tls")


def certificate_for(connect: str, address: str) -> str:
    """The certificate to trust. One of this server's own is made if it has none that is valid for `address`."""
    shown = psql(connect, "SELECT current_setting('ssl'), current_setting('ssl_cert_file'), "
                          "current_setting('data_directory')")[0]  # fmt: skip
    data = Path(shown[2])
    certificate = data / shown[1]
    if shown[0] == "on" and certificate.exists() and _is_for(certificate, address):
        return certificate.read_text()
    folder = folder_of(data)
    make_folder(folder)
    certificate, key = folder / "server.crt", folder / "server.key"
    kind = "IP" if _is_ip(address) else "DNS"
    run(
        _openssl(), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
        "-subj", f"/CN={address}", "-addext", f"subjectAltName={kind}:{address}", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    key.chmod(0o600)
    for setting, value in settings_of(data).items():
        psql(connect, f"ALTER SYSTEM SET {setting} = '{value}'")
    psql(connect, "SELECT pg_reload_conf()")
    return certificate.read_text()


def settings_of(data: Path) -> dict[str, str]:
    """Of a server that has a certificate of its own."""
    folder = folder_of(data)
    if not (folder / "server.crt").exists():
        return {}
    return {"ssl_cert_file": f"{folder}/server.crt", "ssl_key_file": f"{folder}/server.key", "ssl": "on"}


def _is_for(certificate: Path, address: str) -> bool:
    """Whether it is valid today and names the address. openssl answers one question at a time."""

    def ask(*words: str) -> subprocess.CompletedProcess:
        command = [_openssl(), "x509", "-noout", *words, "-in", certificate]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    names = ask("-checkip" if _is_ip(address) else "-checkhost", address).stdout
    return "does match" in names and ask("-checkend", "0").returncode == 0


def _is_ip(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _openssl() -> str:
    found = shutil.which("openssl")
    if not found:
        raise PairError("openssl is needed for the server's certificate:  apt-get install -y openssl")
    return found
