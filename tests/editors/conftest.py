from tests.hosts.fixtures import editors  # noqa: F401
