from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from neural_style_server import settings as module
from neural_style_server.errors import SettingsError
from neural_style_server.setting_sources import load_settings, lost_settings, settings_of_daemon
from neural_style_server.settings import Settings, settings_help


def write(home: Path, text: str) -> Path:
    path = home / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(home: Path, environ: dict[str, str] | None = None, **overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(home, environ or {}, overrides)
    return caught.value.detail


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})

    assert settings == Settings()
    assert (settings.host, settings.port, settings.weights) == ("127.0.0.1", 0, None)
    assert (settings.max_body_bytes, settings.result_keep_s) == (536_870_912, 604_800)
    assert not settings.allow_remote


def test_home_folder_is_found_when_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path))
    write(tmp_path, "port: 4711")

    assert load_settings(environ={}).port == 4711


def test_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    write(tmp_path, "port: 1\nthreads: 1\nmax_images: 1")

    settings = load_settings(tmp_path, {"NEURAL_STYLE_PORT": "2", "NEURAL_STYLE_THREADS": "2"}, {"threads": 3})

    assert (settings.max_images, settings.port, settings.threads) == (1, 2, 3)


def test_an_empty_file_and_an_empty_variable_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, "# nothing yet\n")

    assert load_settings(tmp_path, {"NEURAL_STYLE_PORT": " "}) == Settings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10 GiB", 10 * 2**30), ("1 tib", 2**40), ("2048MiB", 2**31), (str(2**30), 2**30)],
)
def test_sizes_are_numbers_or_words(tmp_path: Path, text: str, expected: int) -> None:
    assert load_settings(tmp_path, {"NEURAL_STYLE_DISK_LIMIT_BYTES": text}).disk_limit_bytes == expected


@pytest.mark.parametrize(("text", "expected"), [("1 day", 86400), ("15 minutes", 900), ("2 hours", 7200), ("7", 7)])
def test_times_are_seconds_or_words(tmp_path: Path, text: str, expected: int) -> None:
    write(tmp_path, f"result_keep_s: {text}")

    assert load_settings(tmp_path, {}).result_keep_s == expected


def test_unknown_key_names_the_file_and_the_near_match(tmp_path: Path) -> None:
    path = write(tmp_path, "max_image: 3")

    assert refusal(tmp_path) == f"{path}: unknown key 'max_image'; did you mean 'max_images'?"


def test_misspelt_variable_is_refused_and_a_strangers_is_left_alone(tmp_path: Path) -> None:
    assert "did you mean 'threads'" in refusal(tmp_path, {"NEURAL_STYLE_THREDS": "2"})
    strangers = {"NEURAL_STYLE_HOME": "x", "NEURAL_STYLE_TEST_MIRROR": "y", "PORT": "z"}
    assert load_settings(tmp_path, strangers) == Settings()


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("port: 65536", "port must be a whole number from 0 to 65535, got 65536"),
        ("port: '80'", "got '80'"),
        ("port: true", "got True"),
        ("threads: 1.5", "got 1.5"),
        ("device: gpu", "device must be one of auto, cpu, cuda, mps or cuda:N, got 'gpu'"),
        ("device: cuda:x", "cuda:N"),
        ("allow_remote: perhaps", "allow_remote must be true or false, got 'perhaps'"),
        ("deterministic: 1", "one of auto, true, false, got 1"),
        ("disk_limit_bytes: 10 GB", "got '10 GB'"),
        ("idle_unload_s: 0", "at least 1 second"),
        ("host: http://127.0.0.1", "without scheme"),
        ("host: '1:2'", "got '1:2'"),
        ("weights: 3", "a path or the word 'torchvision' or null, got 3"),
        ("preset_folders: /here", "names with paths"),
        ("preset_folders: {user: /here}", "'user' are taken"),
        ("preset_folders: {'../x': /here}", "names with paths"),
        ("log_level: loud", "one of debug, info, warning, error"),
        ("weights: ''", "a path or the word"),
    ],
)
def test_wrong_value_names_file_key_and_what_would_be_right(tmp_path: Path, line: str, part: str) -> None:
    path = write(tmp_path, line)

    detail = refusal(tmp_path)

    assert part in detail
    assert detail.startswith(f"{path}: {line.partition(':')[0]} must be ")


def test_wrong_variable_names_itself(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"NEURAL_STYLE_PORT": "many"}).startswith("environment variable NEURAL_STYLE_PORT: port")
    assert "threads must be" in refusal(tmp_path, {"NEURAL_STYLE_THREADS": "{"})


def test_wrong_option_names_the_command_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, port=-1).startswith("command line: port must be")


def test_file_that_is_not_yaml_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, "port: 1\nhost: [")

    assert refusal(tmp_path).startswith(f"{path}, line ")


def test_a_file_that_cannot_be_opened_is_not_blamed_for_its_encoding(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        load_settings(tmp_path, {})
    assert caught.value.hint.startswith("Check the path")


def test_file_that_is_a_list_or_not_utf8_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "- port")
    assert "must consist of 'key: value' lines" in refusal(tmp_path)
    path.write_bytes(b"host: \xff")
    assert "cannot be read" in refusal(tmp_path)


def test_relative_paths_in_the_file_count_from_the_home_folder(tmp_path: Path) -> None:
    write(tmp_path, "weights: vgg ü.pth\npreset_folders: {studio: my styles}")

    settings = load_settings(tmp_path, {})

    assert settings.weights == tmp_path / "vgg ü.pth"
    assert settings.preset_folders == {"studio": tmp_path / "my styles"}


def test_weights_may_be_torchvisions_or_none_again(tmp_path: Path) -> None:
    write(tmp_path, "weights: torchvision")

    assert load_settings(tmp_path, {}).weights == "torchvision"
    assert load_settings(tmp_path, {"NEURAL_STYLE_WEIGHTS": "null"}).weights is None


def test_variable_holds_a_mapping_as_yaml(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"NEURAL_STYLE_PRESET_FOLDERS": "{studio: /srv/styles}"})

    assert settings.preset_folders == {"studio": Path("/srv/styles")}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "studio.example"])
def test_address_for_other_computers_needs_its_own_permission(tmp_path: Path, host: str) -> None:
    assert "allow_remote is false" in refusal(tmp_path, host=host)
    assert load_settings(tmp_path, {}, {"host": host, "allow_remote": True}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_addresses_need_no_permission(host: str) -> None:
    assert Settings(host=host).host == host


def test_a_cache_above_the_disk_limit_is_refused() -> None:
    with pytest.raises(SettingsError, match="of which it is a part"):
        Settings(disk_limit_bytes=2**20)


def test_settings_are_frozen_travel_to_the_worker_and_stay_checked() -> None:
    settings = Settings(port=5)

    assert pickle.loads(pickle.dumps(settings)) == settings
    with pytest.raises(ValidationError):
        settings.port = 6  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Settings(port=-1)


ANYTHING = st.none() | st.booleans() | st.integers() | st.text("0125.:~/ GiBautorue", max_size=9)


@given(st.dictionaries(st.sampled_from(module.KEYS), ANYTHING, max_size=3))
def test_any_value_is_accepted_or_refused_with_a_sentence(values: dict[str, object]) -> None:
    try:
        load_settings(Path("nowhere"), {}, values)
    except SettingsError as error:
        assert error.detail and error.hint


YAML = st.text(st.sampled_from("ab1.e-:,[]{}&*!|>'\"#%@ \n\t\0é"), max_size=40)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(YAML, st.sampled_from(["", "port: ", "preset_folders: ", "disk_limit_bytes: "]))
def test_any_text_is_accepted_or_refused_with_the_file_s_name(tmp_path: Path, text: str, before: str) -> None:
    path = write(tmp_path, before + text)
    for environ in ({}, {"NEURAL_STYLE_PORT": text}):
        try:
            load_settings(tmp_path, environ)
        except SettingsError as error:
            assert str(path) in error.detail or "NEURAL_STYLE_PORT" in error.detail


def test_home_of_somebody_unknown_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for line in ("weights: ~nobody-of-that-name/vgg.pt", "preset_folders: {studio: ~nobody-of-that-name}"):
        write(tmp_path, line)

        assert "must be" in refusal(tmp_path)


def test_every_default_can_be_written_as_it_is_shown(tmp_path: Path) -> None:
    write(tmp_path, "\n".join(f"{key}: {default}" for key, default, _, _ in module.settings_rows()))

    assert load_settings(tmp_path, {}) == Settings()


def test_every_setting_is_explained_in_one_sentence() -> None:
    for key, _, _, text in module.settings_rows():
        assert text.endswith(".") and text[0].isupper() and text.count(". ") == 0, key
        assert key in settings_help()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("port: 1\nport: 2", "line 2: 'port' is written twice"),
        ("preset_folders: {a: /x, a: /y}", "'a' is written twice"),
        ("port: &p 1\nthreads: *p", "line 1: anchors and aliases"),
        ("port: " + "9" * 5000, "a number that is too long"),
        ("port: " + "[" * 5000, "nested too deep"),
        ("port: .nan", "port must be a whole number from 0 to 65535, got nan"),
        ("port: 1\nport2: 1\nthreads: x", "threads must be"),
    ],
)
def test_what_hides_a_mistake_is_refused(tmp_path: Path, text: str, part: str) -> None:
    path = write(tmp_path, text)

    detail = refusal(tmp_path)

    assert part in detail
    assert detail.startswith(str(path))


def test_a_source_may_be_completed_by_the_next(tmp_path: Path) -> None:
    write(tmp_path, "host: 0.0.0.0")

    assert load_settings(tmp_path, {"NEURAL_STYLE_ALLOW_REMOTE": "true"}).host == "0.0.0.0"


LOST = {"NULs": b"\0" * 40, "nested": b"[" * 100_000, "no text": b"\xff\xfe\x00a", "large": b"#" * (2 << 20)}


@pytest.mark.parametrize("how", [*LOST, "a folder", "a FIFO"])
def test_a_daemon_starts_without_a_damaged_file_and_deletes_nothing_until_there_is_another(
    tmp_path: Path, how: str
) -> None:
    path = tmp_path / "settings.yaml"
    if how == "a FIFO":
        if not hasattr(os, "mkfifo"):
            pytest.skip("Windows has no FIFO")
        os.mkfifo(path)
    elif how == "a folder":
        path.mkdir()
    else:
        path.write_bytes(LOST[how])
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path, {})
    assert path.exists() and not lost_settings(tmp_path)
    for _ in range(2):  # the next start finds no file, and must not take that for the painter's wish
        found = settings_of_daemon(tmp_path, {"port": 8765})
        assert (found.port, found.max_jobs_kept, found.host) == (8765, 10**6, "127.0.0.1")
        assert found.result_keep_s > 10**8 and found.disk_limit_bytes == 2**40
        assert not path.exists() and "nothing is deleted" in lost_settings(tmp_path)
    path.write_text("")
    assert settings_of_daemon(tmp_path, {}).max_jobs_kept == Settings().max_jobs_kept
    assert not lost_settings(tmp_path)


def test_a_daemon_does_not_start_with_a_mistake_that_can_be_corrected(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("max_jobs_kept: [")
    with pytest.raises(SettingsError, match="line 1"):
        settings_of_daemon(tmp_path, {})
    assert (tmp_path / "settings.yaml").exists()
