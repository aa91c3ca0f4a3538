"""The objects of an S3 bucket; credentials, region and address are found as boto3 finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from infragod.collect.found import Found
from infragod.errors import RemoteError, SetupError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_WHY: Final = {
    "NoSuchBucket": "there is no such bucket; check its name",
    "AccessDenied": "access is denied; give this role s3:ListBucket and s3:GetObject",
    "403": "access is denied; give this role s3:ListBucket and s3:GetObject",
    "404": "it is gone; collect again",
    "NoSuchKey": "it is gone; collect again",
    "ExpiredToken": "the credentials have expired; sign in again",
    "InvalidAccessKeyId": "the access key is not known; check the credentials",
    "SignatureDoesNotMatch": "the secret key is wrong; check the credentials",
    "PermanentRedirect": "the bucket is in another region; set AWS_REGION to it",
}


def objects(bucket: str, prefix: str) -> Iterator[Found]:
    """The objects of `bucket` whose keys begin with `prefix`; a path is the whole key."""
    client = _client()
    with _sentences(f"s3://{bucket}"):
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                place = f"s3://{bucket}/{item['Key']}"
                yield Found(item["Key"], place, item["LastModified"], _reader(client, bucket, item["Key"]))


def _reader(client: S3Client, bucket: str, key: str) -> Callable[[], bytes]:
    def read() -> bytes:
        with _sentences(f"s3://{bucket}/{key}"):
            return client.get_object(Bucket=bucket, Key=key)["Body"].read()

    return read


def _client() -> S3Client:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError:
        raise SetupError("boto3 is missing, which reads S3; install it by `pip install 'infragod[aws]'`") from None
    try:
        return boto3.session.Session().client(
            "s3", config=Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10)
        )
    except (BotoCoreError, ValueError) as error:
        raise SetupError(f"S3 cannot be used: {str(error).rstrip('.')}; check the AWS configuration") from None


@contextmanager
def _sentences(where: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except NoCredentialsError:
        raise SetupError(f"cannot read {where}: there are no AWS credentials; set AWS_PROFILE or sign in") from None
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        raise RemoteError(f"cannot read {where}: {_WHY.get(code, f'S3 answers {code}; try again')}") from None
    except BotoCoreError as error:
        raise RemoteError(f"cannot read {where}: {str(error).rstrip('.')}; check the network") from None
