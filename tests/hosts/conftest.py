from tests.hosts.fixtures import editors, gimp, krita  # noqa: F401
