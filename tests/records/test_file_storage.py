"""Files in a bucket that speaks S3, and on a disk that is full."""

import os
import subprocess
import uuid

import boto3
import pytest
from moto.server import ThreadedMotoServer

from records import files
from records.models import Attachment
from tests.factories import PetFactory, UserFactory
from tests.records.uploads import picture, upload
from vetclinic.refusals import RuleViolation
from vetclinic.storage import storage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(server, settings):
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="k", aws_secret_access_key="s", region_name="us-east-1"
    )
    name = f"clinic-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=name)
    url = f"s3://k:s@{name}?endpoint_url={address}&region_name=us-east-1"
    settings.STORAGES = settings.STORAGES | {"attachments": storage_of(url, "")}
    return lambda: [row["Key"] for row in client.list_objects_v2(Bucket=name).get("Contents", [])]


@pytest.fixture
def small_disk(settings, tmp_path):
    """A disk of 64 KB, which only root may mount."""
    if os.geteuid() != 0:
        pytest.skip("Only root mounts a small disk.")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True)
    if done.returncode:
        pytest.skip("This machine lets nobody mount a disk.")
    settings.STORAGES = settings.STORAGES | {"attachments": storage_of("", str(tmp_path))}
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def keep(content: bytes) -> Attachment:
    vet = UserFactory(role="vet", password=None)
    return files.keep_file(
        pet=PetFactory(), appointment=None, kind="lab", note="", upload=upload(content), request_key=None, by=vet
    )


def test_file_in_a_bucket_is_served_as_it_was_added(client, bucket):
    content = picture("PNG")
    attachment = keep(content)
    client.force_login(attachment.uploaded_by)

    response = client.get(f"/pets/{attachment.pet_id}/files/{attachment.pk}/")

    assert response.getvalue() == content
    assert sorted(bucket()) == [attachment.storage_key, attachment.small_key]


def test_file_gone_from_the_bucket_is_not_found(client, bucket):
    attachment = keep(picture())
    files.forget(attachment.storage_key)
    client.force_login(attachment.uploaded_by)

    assert client.get(f"/pets/{attachment.pet_id}/files/{attachment.pk}/").status_code == 404
    assert bucket() == []


def test_bucket_that_is_away_is_told_and_notes_nothing(server, bucket):
    server.stop()

    with pytest.raises(RuleViolation) as refusal:
        keep(picture())

    assert refusal.value.code == files.AWAY
    assert Attachment.objects.count() == 0


def test_file_of_a_bucket_that_is_away_is_asked_for_again_later(client, server, bucket):
    attachment = keep(picture())
    client.force_login(attachment.uploaded_by)
    server.stop()

    assert client.get(f"/pets/{attachment.pet_id}/files/{attachment.pk}/").status_code == 503


def test_full_disk_is_told_and_leaves_nothing(small_disk):
    noise = picture("PNG") + os.urandom(200_000)

    with pytest.raises(RuleViolation) as refusal:
        keep(noise)

    assert refusal.value.code == files.AWAY
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []
    assert Attachment.objects.count() == 0
