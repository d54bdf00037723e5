"""The example of a TLS proxy: nginx understands it, and it lets pass what the site takes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "deploy/nginx.conf"


def test_example_passes_nginxs_own_check(tmp_path):
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not nginx:
        pytest.skip("nginx is not installed: its example was not checked.")  # installed it would serve on port 80
    words = ["-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=clinic.example"]
    files = ["-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"]
    subprocess.run(["openssl", "req", "-x509", *words, *files], capture_output=True, check=True)
    text = EXAMPLE.read_text().replace("/etc/letsencrypt/live/clinic.example", str(tmp_path))
    text = text.replace("/var/log/nginx", str(tmp_path)).replace(" 80;", " 8080;").replace(":80;", ":8080;")
    main = tmp_path / "main.conf"
    main.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{text}\n}}\n")

    done = subprocess.run([nginx, "-t", "-c", main, "-p", tmp_path], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_example_lets_the_largest_file_pass():
    megabytes = int(re.search(r"client_max_body_size (\d+)m;", EXAMPLE.read_text())[1])

    assert megabytes * 2**20 > settings.ATTACHMENT_MAX_BYTES
