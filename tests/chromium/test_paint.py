"""Paint: from an empty easel to a picture that is kept, and whatever may come between."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from tests.chromium.conftest import Painter
from tests.waiting import wait_for

from neural_style_server.pictures.metadata import settings_of
from neural_style_server.recipe import parse_recipe


def pixels(painter: Painter) -> bytes:
    """What is on the easel, as it looks."""
    return bytes(painter.page.locator(".stage").screenshot())


def test_three_clicks_paint_the_sample(painter: Painter) -> None:
    page = painter.page
    painter.button("Use the sample picture").click()
    page.get_by_role("radio", name="Mosaic").click()
    painter.button("Paint").click()
    page.locator("img.after:not([hidden])").wait_for()
    before = pixels(painter)
    wait_for(lambda: pixels(painter) != before, 60, "a better picture")
    painter.button("Stop and keep").click()
    painter.see("Finished ·")
    assert painter.daemon.client.jobs()[0]["preset"] == "mosaic"


def test_a_result_is_kept_as_a_file_with_its_settings(painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.page.get_by_role("radio", name="Ink wash").click()
    painter.page.get_by_label("Strength", exact=True).fill("80")
    painter.set_iterations(3)
    painter.paint()
    painter.see("Finished · 3 iterations")
    for kind in ("PNG", "JPEG", "WebP"):
        with painter.page.expect_download() as found:
            painter.page.get_by_role("link", name=kind, exact=True).click()
        with Image.open(io.BytesIO(Path(found.value.path()).read_bytes())) as image:
            assert (image.format, image.size) == (kind.upper(), (96, 64))
            recipe = parse_recipe(settings_of(image.info), kind)
        assert (recipe.preset.name, recipe.job.controls["strength"]) == ("ink-wash", 80)


def test_more_iterations_go_on_from_the_result(painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.set_iterations(2)
    painter.paint()
    painter.see("Finished · 2 iterations")
    first = pixels(painter)
    painter.button("40 more iterations").click()
    painter.see("Finished · 42 iterations")
    wait_for(lambda: pixels(painter) != first, 30, "the new result in place of the old one")


def test_a_reload_in_the_middle_comes_back_to_the_same_job(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    page.get_by_role("radio", name="Woodcut").click()
    page.get_by_label("Colour", exact=True).fill("60")
    painter.set_iterations(3000)
    job = painter.paint()
    page.locator("img.after:not([hidden])").wait_for()
    painter.button("Pause").click()
    painter.see("Paused · iteration")
    page.reload()
    painter.see("Paused · iteration")
    assert page.url.endswith(job)
    assert page.get_by_role("radio", name="Woodcut").get_attribute("aria-checked") == "true"
    assert page.get_by_label("Colour", exact=True).input_value() == "60"
    page.locator("img.after:not([hidden])").wait_for()
    painter.button("Resume").click()
    painter.see("Painting · iteration")
    painter.button("Cancel").click()
    painter.see("Cancelled")
    assert painter.daemon.client.job(job)["state"] == "cancelled"


def test_who_opens_the_page_anew_is_shown_what_is_being_painted(painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.set_iterations(3000)
    job = painter.paint()
    painter.page.close()
    painter.page = painter.new_tab()
    painter.open()
    painter.page.wait_for_url(f"**/#paint/{job}")
    painter.button("Cancel").click()
    painter.see("Cancelled")


def test_back_leaves_the_job_alone_and_forward_shows_it(painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.set_iterations(3000)
    job = painter.paint()
    painter.page.go_back()
    painter.page.locator("#job-bar").wait_for(state="hidden")
    assert painter.daemon.client.job(job)["state"] in ("queued", "running")
    painter.page.go_forward()
    painter.see("Painting · iteration")


def test_a_new_painting_never_shows_the_former_one(painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.set_iterations(2)
    painter.paint()
    painter.see("Finished · 2 iterations")
    shown = "() => { const image = document.querySelector('img.after'); return image.hidden ? '' : image.src; }"
    painter.page.locator("img.after:not([hidden])").wait_for()
    former = painter.page.evaluate(shown)
    painter.paint()
    assert painter.page.evaluate(shown) != former
    painter.see("Finished · 2 iterations")


def test_before_and_after_are_compared_by_keys_and_by_hand(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    painter.set_iterations(2)
    painter.paint()
    painter.see("Finished ·")
    painter.button("Compare before and after").click()
    divider = page.get_by_role("slider", name="Divider")
    divider.focus()
    page.keyboard.press("End")
    assert divider.get_attribute("aria-valuenow") == "100"
    all_before = pixels(painter)
    page.keyboard.press("Home")
    assert pixels(painter) != all_before
    box = divider.bounding_box()
    stage = page.locator(".stage").bounding_box()
    assert box and stage
    page.mouse.move(box["x"] + 14, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 2, box["y"] + 5, steps=4)
    page.mouse.up()
    assert 40 < int(divider.get_attribute("aria-valuenow") or 0) < 60


def test_the_picture_is_zoomed_and_moved(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    level = page.locator(".level")
    page.locator(".stage").focus()
    page.keyboard.press("1")
    assert level.text_content() == "100 %"
    assert page.locator(".sheet").bounding_box() is not None
    width = page.locator(".sheet").bounding_box()["width"]
    assert abs(width - 96) < 1
    page.keyboard.press("+")
    assert level.text_content() == "125 %"
    x = page.locator(".sheet").bounding_box()["x"]
    page.keyboard.press("ArrowLeft")
    assert page.locator(".sheet").bounding_box()["x"] == x + 40
    painter.button("Fit into the window").click()
    assert level.text_content() != "125 %"


def test_two_styles_are_blended(painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.page.get_by_role("radio", name="Crayon").click()
    painter.page.get_by_text("Blend with another style").click()
    painter.page.get_by_label("Second style").select_option("mosaic")
    painter.page.get_by_label("Its share", exact=True).fill("75")
    painter.set_iterations(2)
    job = painter.paint()
    painter.see("Finished ·")
    assert painter.daemon.client.job(job)["request"]["blend"] == [{"preset": "mosaic", "weight": 3}]


def test_a_brush_says_where_the_style_goes(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    page.locator("#order summary", has_text="Regions").click()
    page.get_by_role("button", name="Brush", exact=True).click()
    box = page.locator(".sheet").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.5, steps=3)
    page.mouse.up()
    painter.set_iterations(2)
    job = painter.paint()
    painter.see("Finished ·")
    result = painter.daemon.client.result(job)
    painted = Image.frombytes("RGBA", (96, 64), result.data).convert("RGB")
    with Image.open(photo) as original:
        assert painted.crop((60, 0, 96, 64)).tobytes() == original.crop((60, 0, 96, 64)).tobytes()
        assert painted.crop((6, 28, 22, 36)).tobytes() != original.crop((6, 28, 22, 36)).tobytes()


def test_styles_are_found_by_words_tags_and_stars(painter: Painter) -> None:
    page = painter.page
    radios = page.get_by_role("radio")
    everything = radios.count()
    page.get_by_label("Search styles").fill("glass lead")
    assert radios.count() == 1
    page.get_by_role("radio", name="Stained glass").click()
    painter.button("☆ Favourite").click()
    painter.button("★ Favourite").wait_for()
    page.get_by_label("Search styles").fill("")
    page.get_by_label("Show only").select_option("*favourites")
    assert radios.count() == 1
    painter.button("★ Favourite").click()
    painter.button("☆ Favourite").wait_for()
    page.get_by_label("Show only").select_option("oil")
    assert 1 < radios.count() < everything


def test_the_forecast_follows_the_choices(painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.see("80 iterations")
    painter.page.get_by_label("Quality", exact=True).select_option("draft")
    painter.see("16 iterations")


NO_PICTURES = [
    (
        "evil.svg",
        "image/svg+xml",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "is no PNG",
    ),
    ("<img src=x onerror=alert(1)>.txt", "text/plain", b"x", "<img src=x onerror=alert(1)>.txt is no PNG"),
    ("broken.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
    ("html.png", "image/png", b"<html><script>alert(1)</script></html>", "picture"),
    ("empty", "", b"", "is a folder or an empty file"),
]


def test_what_is_no_picture_is_refused_in_words(painter: Painter) -> None:
    painter.page.on("dialog", lambda dialog: painter.wrong.append(dialog.message))
    alert = painter.page.get_by_role("alert")
    for name, kind, data, said in NO_PICTURES:
        painter.page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": data})
        alert.get_by_text(said).first.wait_for()
        alert.get_by_role("button", name="Close").click()
        alert.wait_for(state="hidden")
    assert painter.page.locator("ns-viewer.filled").count() == 0
    painter.wrong[:] = [line for line in painter.wrong if "status of 400" not in line]  # Chromium names each refusal


def test_a_pasted_picture_is_taken(painter: Painter) -> None:
    painter.page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 30});
            const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
            const data = new DataTransfer();
            data.items.add(new File([blob], "pasted.png", {type: "image/png"}));
            dispatchEvent(new ClipboardEvent("paste", {clipboardData: data}));
        }"""
    )
    wait_for(lambda: painter.page.get_by_text("Full, 40 × 30").count() == 1)


def test_a_dropped_picture_is_taken_and_one_beside_the_easel_does_not_replace_the_page(painter: Painter) -> None:
    drop = """async (selector) => {
        const canvas = Object.assign(document.createElement("canvas"), {width: 50, height: 30});
        const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([blob], "x.png", {type: "image/png"}));
        const event = new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true});
        document.querySelector(selector).dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    assert painter.page.evaluate(drop, "header")
    assert painter.page.locator("ns-viewer.filled").count() == 0
    assert painter.page.evaluate(drop, "ns-viewer")
    wait_for(lambda: painter.page.get_by_text("Full, 50 × 30").count() == 1)


def test_all_is_done_by_keys(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    painter.set_iterations(2)
    page.get_by_role("radio", name="Night swirl").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-checked')") == "true"
    chosen = page.evaluate("document.activeElement.dataset.name")
    page.get_by_label("Iterations", exact=True).focus()
    page.keyboard.press("Enter")
    painter.see("Finished · 2 iterations")
    assert painter.daemon.client.jobs()[0]["preset"] == chosen != "night-swirl"


def test_all_styles_are_tried_on_ones_own_picture(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    painter.button("Try all on my picture").click()
    draft = page.locator("[role=radio] img[src^='/v1/jobs/']")
    draft.first.wait_for()
    wait_for(lambda: draft.first.evaluate("image => image.naturalWidth") == 96)
    page.get_by_role("button", name="drafts · Stop").click()
    painter.button("Try all on my picture").wait_for()
    unfinished = ("queued", "running")
    wait_for(lambda: not [job for job in painter.daemon.client.jobs() if job["state"] in unfinished])
    page.locator("#sample").dispatch_event("click")  # another picture
    wait_for(lambda: draft.count() == 0)


def test_the_sliders_are_saved_as_a_style_of_ones_own(painter: Painter) -> None:
    page = painter.page
    page.get_by_role("radio", name="Crayon").click()
    page.get_by_label("Boldness", exact=True).fill("77")
    page.on("dialog", lambda dialog: dialog.accept("Loud crayon"))
    painter.button("Save as a style…").click()
    own = page.get_by_role("radio", name="Loud crayon")
    own.wait_for()
    wait_for(lambda: own.get_attribute("aria-checked") == "true")
    assert page.get_by_label("Boldness", exact=True).input_value() == "77"
    assert painter.daemon.client.preset("loud-crayon")["controls"]["boldness"] == 77
    painter.daemon.client.delete_preset("loud-crayon")


def test_who_looks_elsewhere_comes_back_to_the_painting(painter: Painter, photo: Path) -> None:
    page = painter.page
    painter.choose(photo)
    painter.set_iterations(2)
    job = painter.paint()
    painter.see("Finished ·")
    page.get_by_role("link", name="Health").click()
    page.get_by_role("link", name="Paint", exact=True).click()
    painter.see("Finished ·")
    assert page.url.endswith(job)
    page.locator("img.after:not([hidden])").wait_for()


def test_a_job_that_is_gone_is_said_to_be(painter: Painter) -> None:
    painter.page.evaluate("() => { location.hash = '#paint/0123456789abcdef'; }")
    painter.page.get_by_role("alert").get_by_text("0123456789abcdef").wait_for()
    assert painter.page.url.endswith("#paint")
    painter.wrong.clear()  # Chromium names the 404


def test_a_live_painting_follows_the_sliders(painter: Painter, photo: Path) -> None:
    page, client = painter.page, painter.daemon.client
    painter.choose(photo)
    page.get_by_role("radio", name="Ink wash").click()
    painter.set_iterations(4)
    page.get_by_label("Live: what you change").check()
    job = painter.paint()
    painter.see("Live: this is what you have chosen")
    first = pixels(painter)
    page.get_by_label("Colour", exact=True).fill("100")
    wait_for(lambda: client.job(job)["revision"] >= 1)
    wait_for(lambda: pixels(painter) != first, 30, "a picture in other colours")
    page.get_by_role("radio", name="Mosaic").click()
    wait_for(lambda: client.job(job)["request"]["preset"] == "mosaic")
    painter.see("Live: this is what you have chosen")
    page.reload()
    painter.see("Live: this is what you have chosen")
    assert page.get_by_label("Live: what you change").is_checked()
    assert page.get_by_role("radio", name="Mosaic").get_attribute("aria-checked") == "true"
    revision = client.job(job)["revision"]
    painter.button("Stop and keep").click()
    painter.see("Finished ·")
    assert client.job(job)["revision"] == revision  # looking is no change


def test_a_star_leaves_the_sliders_alone(painter: Painter) -> None:
    slider = painter.page.get_by_label("Detail", exact=True)
    slider.fill("9")
    for name in ("☆ Favourite", "★ Favourite"):
        painter.button(name).click()
    painter.button("☆ Favourite").wait_for()
    assert slider.input_value() == "9"
