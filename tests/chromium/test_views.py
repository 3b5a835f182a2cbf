"""Watch, Presets and Health; and the daemon that goes and comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image
from tests.chromium.conftest import Painter
from tests.real import QUICK, RealDaemon, calibrate_like
from tests.waiting import wait_for

from neural_style_client import Pixels

PICTURE = Pixels(48, 32, "RGBA8", bytes([90, 140, 60, 255]) * 48 * 32)


def test_watch_shows_all_clients_jobs_with_losses_and_frames(painter: Painter) -> None:
    client = painter.daemon.client
    content = client.upload(PICTURE.data, 48, 32)["id"]
    body = {"content": content, **QUICK, "client": "gimp-1", "method": {"iterations": 12}, "frames": {"every": 2}}
    job = client.submit(body)["id"]
    page = painter.page
    page.get_by_role("link", name="Watch").click()
    row = page.locator("#jobs a")
    row.get_by_text("gimp-1 · 12 of 12").wait_for()
    row.get_by_text("finished").wait_for()
    row.click()
    page.locator("polyline.curve").nth(3).wait_for()
    losses = page.locator("ns-losses")
    assert losses.get_by_text("Iteration 12").count() == 1
    page.get_by_role("slider", name="Iteration").press("Home")
    losses.get_by_text("Iteration 1", exact=True).wait_for()
    frames = page.locator(".side-by-side figure")
    assert frames.count() == 4
    page.get_by_role("group", name="Iterations to show").get_by_role("button", name="10", exact=True).click()
    assert "10 iterations" in frames.all_inner_texts()
    for image in page.locator(".side-by-side img").all():
        wait_for(lambda image=image: image.evaluate("image => image.naturalWidth") == 48)
    assert page.url.endswith(job)
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("Nothing has been painted yet.").wait_for()


def test_watch_follows_a_job_and_steers_it(painter: Painter) -> None:
    client = painter.daemon.client
    content = client.upload(PICTURE.data, 48, 32)["id"]
    job = client.submit({"content": content, **QUICK, "method": {"iterations": 4000}, "client": "krita-7"})["id"]
    page = painter.page
    page.get_by_role("link", name="Watch").click()
    page.locator("#jobs a").click()
    page.locator(".state[data-state=running]").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.locator(".state[data-state=paused]").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.locator(".state[data-state=cancelled]").wait_for()
    assert client.job(job)["state"] == "cancelled"


def test_start_images_are_painted_side_by_side(painter: Painter) -> None:
    client = painter.daemon.client
    content = client.upload(PICTURE.data, 48, 32)["id"]
    body = {"content": content, **QUICK, "seed": 5, "controls": {"strength": 70}}
    job = client.submit(body)["id"]
    page = painter.page
    page.goto(f"{client.url}/#watch/{job}")
    page.get_by_role("button", name="Paint from each start image").click()
    figures = page.get_by_role("region", name="Start images side by side").locator("figure")
    wait_for(lambda: figures.count() == 4)
    for number, start in enumerate(("The picture itself", "Noise", "A mix of both", "The style image")):
        figures.nth(number).get_by_text(f"{start} · iteration 4 of 4").wait_for()
        image = figures.nth(number).locator("img")
        wait_for(lambda image=image: image.evaluate("image => image.naturalWidth") == 48)
    made = [each for each in client.jobs() if each["id"] != job]
    assert {each["request"]["method"]["start"] for each in made} == {"content", "noise", "mix", "style"}
    assert {(each["seed"], each["request"]["controls"]["strength"]) for each in made} == {(5, 70)}
    page.reload()
    wait_for(lambda: figures.count() == 4)
    for image in figures.locator("img").all():  # one that is still on its way would be asked for in vain
        wait_for(lambda image=image: image.evaluate("image => image.naturalWidth") == 48)
    page.get_by_role("button", name="Delete these").click()
    page.get_by_role("button", name="Paint from each start image").wait_for()
    assert [each["id"] for each in client.jobs()] == [job]


def test_a_style_is_made_from_a_painting_shared_and_deleted(painter: Painter, tmp_path: Path) -> None:
    page = painter.page
    for preset in painter.daemon.client.presets():
        if not preset["read_only"]:  # of a try before
            painter.daemon.client.delete_preset(preset["name"])
    painting = tmp_path / "my_sea.png"
    Image.effect_mandelbrot((160, 120), (-2, -1, 1, 1), 60).convert("RGB").save(painting)
    page.get_by_role("link", name="Presets").click()
    page.locator("#painting-file").set_input_files(painting)
    title = page.get_by_label("Title")
    wait_for(lambda: title.input_value() == "my sea")
    title.fill("<b>Sea</b> & sky")
    page.get_by_label("Tags").fill("sea, mine")
    page.get_by_role("button", name="Make the style").click()
    page.get_by_text("“<b>Sea</b> & sky” is among the styles.").wait_for()
    page.locator("#draft img:not([hidden])").wait_for()
    assert page.locator("#draft img").evaluate("image => image.naturalWidth") > 100
    row = page.locator("#preset-list li", has_text="<b>Sea</b> & sky")
    with page.expect_download() as found:
        row.get_by_role("link", name="Export").click()
    assert found.value.suggested_filename == "b-sea-b-sky.nstyle"
    bundle = Path(found.value.path()).read_bytes()
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Delete").click()
    row.wait_for(state="detached")
    file: Any = {"name": "sea.nstyle", "mimeType": "", "buffer": bundle}
    page.locator("#import-file").set_input_files(file)
    row.wait_for()
    page.get_by_role("link", name="Paint").click()
    page.get_by_role("radio", name="<b>Sea</b> & sky").wait_for()
    painter.daemon.client.delete_preset("b-sea-b-sky")


def test_health_says_how_the_machine_is(painter: Painter) -> None:
    page = painter.page
    page.get_by_role("link", name="Health").click()
    findings = page.locator("#findings")
    findings.get_by_text("GiB free", exact=False).first.wait_for()
    assert "ready" in findings.inner_text()
    assert "cpu" in page.locator("#workers").inner_text().lower()
    last = (painter.daemon.home / "daemon.log").read_text("utf-8").splitlines()[-1]
    assert last.partition(" INFO ")[2][:60] in page.locator("#log").inner_text()
    page.get_by_role("button", name="Log out").click()
    page.get_by_text("neural-style open").wait_for()
    painter.wrong.clear()  # Chromium names the 401


def test_the_page_says_that_the_daemon_has_stopped_and_goes_on_when_it_is_back(
    browser: Any, daemon: RealDaemon, tmp_path: Path, photo: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    calibrate_like(daemon, home)
    own = RealDaemon(home)
    try:
        painter = Painter(browser, own).open()  # nothing has to be painted: its worker may still be starting
        painter.choose(photo)
        painter.set_iterations(5000)
        job = painter.paint()
        own.end()
        painter.see("The daemon has stopped.")
        own.start()
        painter.see("The session is over.")
        other = painter.new_tab()
        other.goto(own.client.url + own.client.make_page_code()["path"])
        painter.see("Paused · iteration")
        assert painter.page.url.endswith(job)
        painter.button("Cancel").click()
        painter.see("Cancelled")
        painter.close()
    finally:
        own.end()


def test_nothing_is_wider_than_the_window(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    painter.set_iterations(2)
    painter.paint()
    painter.see("Finished ·")
    for width in (360, 1280, 3840):
        page.set_viewport_size({"width": width, "height": 800})
        for view in ("Paint", "Watch", "Presets", "Health"):
            page.get_by_role("link", name=view, exact=True).click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (view, width)
