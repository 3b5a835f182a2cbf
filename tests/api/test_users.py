"""What one user can do about another's things, each attempt tried: for every route with an id, every id in a body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.conftest import Desk, problem
from tests.api.people import SIZE, Person, Things, make_things
from tests.jobs.fakes import grey

from neural_style_server.api.openapi import document
from neural_style_server.api.routes import ROUTES, Route

NO_SUCH = {
    "images": "f" * 64,
    "presets": "no-such-preset",
    "jobs": "f" * 16,
    "sheets": "f" * 16,
    "sequences": "f" * 16,
}
BODIES: dict[str, Any] = {
    "PATCH /v1/jobs/{id}": {"size": 64},
    "POST /v1/jobs/{id}/extend": {"iterations": 1},
    "PUT /v1/presets/{name}": {"title": "Mine now"},
    "POST /v1/sequences/{id}/frames": {"content": "IMAGE"},
    "POST /v1/sequences/{id}/again": {"frame": 1},
    "PATCH /v1/sequences/{id}": {"keys": []},
}
"""A body that is right, for every route that takes one; IMAGE is the asker's own picture."""

WITH_IDS = [route for route in ROUTES if route.parts and not route.path.startswith("/assets/")]
IMAGES_IN_BODIES: dict[tuple[str, str], Any] = {
    ("POST /v1/jobs", "content"): {"content": "THEIRS", "preset": "ink"},
    ("POST /v1/jobs", "mask"): {"content": "MINE", "preset": "ink", "mask": "THEIRS"},
    ("POST /v1/jobs", "init"): {"content": "MINE", "preset": "ink", "init": "THEIRS"},
    ("POST /v1/jobs", "regions.mask"): {
        "content": "MINE", "preset": "ink", "regions": [{"mask": "THEIRS", "preset": "ink"}],
    },
    ("POST /v1/jobs", "regions.style"): {
        "content": "MINE", "preset": "ink", "regions": [{"mask": "MINE", "style": "THEIRS"}],
    },
    ("POST /v1/jobs", "regions.style_mask"): {
        "content": "MINE", "preset": "ink", "regions": [{"mask": "MINE", "style": "MINE", "style_mask": "THEIRS"}],
    },
    ("POST /v1/forecast", "content"): {"content": "THEIRS", "preset": "ink"},
    ("PATCH /v1/jobs/{id}", "content"): {"content": "THEIRS"},
    ("PATCH /v1/jobs/{id}", "mask"): {"mask": "THEIRS"},
    ("PATCH /v1/jobs/{id}", "regions.mask"): {"regions": [{"mask": "THEIRS", "preset": "ink"}]},
    ("PATCH /v1/jobs/{id}", "regions.style"): {"regions": [{"mask": "MINE", "style": "THEIRS"}]},
    ("PATCH /v1/jobs/{id}", "regions.style_mask"): {
        "regions": [{"mask": "MINE", "style": "MINE", "style_mask": "THEIRS"}],
    },
    ("POST /v1/presets", "images.id"): {"name": "mine", "images": [{"id": "THEIRS"}]},
    ("POST /v1/presets", "images"): {"name": "mine", "images": ["THEIRS"]},
    ("PUT /v1/presets/{name}", "images"): {"images": ["THEIRS"]},
    ("PUT /v1/presets/{name}", "images.id"): {"images": [{"id": "THEIRS"}]},
    ("POST /v1/sheets", "content"): {"content": "THEIRS"},
    ("POST /v1/sequences", "keys.image"): {"preset": "ink", "keys": [{"frame": 1, "image": "THEIRS"}]},
    ("POST /v1/sequences", "keys.content"): {
        "preset": "ink", "keys": [{"frame": 1, "image": "MINE", "content": "THEIRS"}],
    },
    ("PATCH /v1/sequences/{id}", "keys.image"): {"keys": [{"frame": 1, "image": "THEIRS"}]},
    ("PATCH /v1/sequences/{id}", "keys.content"): {"keys": [{"frame": 1, "image": "MINE", "content": "THEIRS"}]},
    ("POST /v1/sequences/{id}/frames", "content"): {"content": "THEIRS"},
    ("POST /v1/sequences/{id}/frames", "drawn_to.image"): {
        "content": "MINE", "drawn_to": {"image": "THEIRS", "content": "MINE", "frames": 1},
    },
    ("POST /v1/sequences/{id}/frames", "drawn_to.content"): {
        "content": "MINE", "drawn_to": {"image": "MINE", "content": "THEIRS", "frames": 1},
    },
    ("POST /v1/sequences/{id}/frames", "mask"): {"content": "MINE", "mask": "THEIRS"},
    ("POST /v1/sequences/{id}/frames", "key"): {"content": "MINE", "key": "THEIRS"},
}  # fmt: skip
NOT_LOOKED_UP = {
    ("POST /v1/forecast", name) for name in ("mask", "init", "regions.mask", "regions.style", "regions.style_mask")
}
"""A forecast counts these, and opens none of them."""

PRESETS_IN_BODIES = [
    ("/v1/jobs", {"content": "MINE", "preset": "THEIRS"}),
    ("/v1/jobs", {"content": "MINE", "preset": "ink", "blend": [{"preset": "THEIRS", "weight": 1}]}),
    ("/v1/jobs", {"content": "MINE", "preset": "ink", "regions": [{"mask": "MINE", "preset": "THEIRS"}]}),
    ("/v1/forecast", {"width": 64, "height": 64, "preset": "THEIRS"}),
    ("/v1/presets", {"name": "mine", "copy_of": "THEIRS"}),
    ("/v1/sheets", {"content": "MINE", "presets": ["THEIRS"]}),
    ("/v1/sequences", {"preset": "THEIRS"}),
]
OWNER_ONLY = {"GET /metrics", "GET /v1/diagnosis", "POST /v1/unload", "POST /v1/shutdown"}


@pytest.fixture
def anna(desk: Desk) -> Person:
    return Person(desk, "anna")


@pytest.fixture
def ben(desk: Desk) -> Person:
    return Person(desk, "ben")


@pytest.fixture
def theirs(anna: Person) -> Things:
    return make_things(anna)


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def address(route: Route, things: dict[str, str]) -> str:
    """With the id of a thing of the route's kind in it."""
    kind = route.path.split("/")[2]
    path = re.sub(r"{(id|name)}", things[kind], route.path)
    return path.replace("{number}", "latest")


def kinds(things: Things) -> dict[str, str]:
    return dict(zip(("images", "presets", "jobs", "sheets", "sequences"), things, strict=True))


def filled(body: Any, **words: str) -> Any:
    """With words in capitals replaced."""
    if isinstance(body, dict):
        return {key: filled(value, **words) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, **words) for value in body]
    return words.get(body, body) if isinstance(body, str) else body


def ask(person: Person, route: Route, things: dict[str, str]) -> Any:
    body = {"json": filled(BODIES[name(route)], IMAGE=person.upload())} if route.body else {}
    return person.call(route.method, address(route, things), **body)


@pytest.mark.parametrize("route", WITH_IDS, ids=name)
def test_another_s_thing_is_as_unknown_as_one_that_does_not_exist(
    route: Route, anna: Person, ben: Person, theirs: Things
) -> None:
    """An open stream of events is not read to its end."""
    hers = kinds(theirs)
    refused, unknown = ask(ben, route, hers), ask(ben, route, NO_SUCH)
    problem(refused, 404, "not_found")
    told = [answer.text.replace(value, "ID") for answer, ids in ((refused, hers), (unknown, NO_SUCH)) for value in
            [ids[route.path.split("/")[2]]]]  # fmt: skip
    assert told[0] == told[1]
    problem(ask_as_owner(ben, route, hers), 404, "not_found")
    answer = ask(anna, route, hers)
    assert answer.status_code != 404, "the ids are right"
    answer.close()


def ask_as_owner(ben: Person, route: Route, things: dict[str, str]) -> Any:
    """The same asked with the daemon's own token."""
    body = {"json": filled(BODIES[name(route)], IMAGE=ben.desk.shop.content)} if route.body else {}
    return ben.desk.call(route.method, address(route, things), **body)


@pytest.mark.parametrize(("place", "body"), IMAGES_IN_BODIES.items(), ids=lambda it: " ".join(it) if it else "")
def test_another_s_picture_cannot_be_named_in_a_body(
    place: tuple[str, str], body: Any, ben: Person, theirs: Things
) -> None:
    method, path = place[0].split(" ")
    own = ben.upload(200)
    if path.startswith("/v1/jobs/"):
        path = f"/v1/jobs/{ben.job(live=True)}"
    elif path.startswith("/v1/presets/"):
        path = f"/v1/presets/{ben.made('/v1/presets', {'name': 'bens', 'images': [own]})['name']}"
    elif path.startswith("/v1/sequences/"):
        path = path.replace("{id}", ben.made("/v1/sequences", {"preset": "ink"})["id"])
    for unknown in (theirs.image, NO_SUCH["images"]):
        found = problem(ben.call(method, path, json=filled(body, MINE=own, THEIRS=unknown)), 404, "not_found")
        assert unknown in found["detail"] and "POST /v1/images" in found["hint"]


def test_every_picture_that_a_body_can_name_is_tried() -> None:
    found = {
        (name(route), ".".join(keys))
        for route in ROUTES
        if route.body
        for schema in [document()["paths"][route.path][route.method.lower()]["requestBody"]]
        for keys in images_in(schema["content"]["application/json"]["schema"])
    }
    assert found - NOT_LOOKED_UP == set(IMAGES_IN_BODIES)


def images_in(schema: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The ways to all that is an image's id in a schema."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("pattern") == "^[0-9a-f]{64}$":
        yield keys
    for key, value in schema.get("properties", {}).items():
        yield from images_in(value, (*keys, key))
    for part in [*schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])]:
        yield from images_in(part, keys)
    if isinstance(schema.get("items"), dict):
        yield from images_in(schema["items"], keys)


@pytest.mark.parametrize(("path", "body"), PRESETS_IN_BODIES)
def test_another_s_preset_cannot_be_named_in_a_body(path: str, body: Any, ben: Person, theirs: Things) -> None:
    own = ben.upload(200)
    for unknown in (theirs.preset, NO_SUCH["presets"]):
        found = problem(ben.call("POST", path, json=filled(body, MINE=own, THEIRS=unknown)), 404, "not_found")
        assert f"There is no preset '{unknown}'" in found["detail"] and "anna" not in found["hint"]


def test_a_part_cannot_be_laid_on_another_s_picture(ben: Person, theirs: Things) -> None:
    query = {"width": 8, "height": 6, "format": "RGBA8", "base": theirs.image}
    raw = {"data": grey(1).pixels.tobytes(), "content_type": "application/octet-stream"}
    problem(ben.call("POST", "/v1/images", query_string=query, **raw), 404, "not_found")


def test_lists_hold_what_is_one_s_own(desk: Desk, anna: Person, ben: Person, theirs: Things) -> None:
    for path in ("/v1/jobs", "/v1/sequences", "/v1/presets", "/v1/workers"):
        for other in (ben.get(path), desk.get(path)):
            assert other.status_code == 200
            assert not [thing for thing in theirs if thing in other.text], path
    assert theirs.job in anna.get("/v1/jobs").text and theirs.preset in anna.get("/v1/presets").text
    assert theirs.sequence in anna.get("/v1/sequences").text
    painting = desk.shop.worker.painting()
    assert painting and anna.get("/v1/workers").json["workers"][0]["jobs"] == painting  # type: ignore[index]
    assert ben.get("/v1/workers").json["workers"][0]["state"] == "busy"  # type: ignore[index]


def test_the_same_pixels_tell_nobody_that_another_has_them(desk: Desk, anna: Person, ben: Person) -> None:
    ids = [anna.upload(7), ben.upload(7), desk.upload(grey(7, *SIZE).pixels.tobytes(), *SIZE).json["id"]]  # type: ignore[index]
    assert len(set(ids)) == 3 and anna.upload(7) == ids[0]
    for person, own in ((anna, ids[0]), (ben, ids[1])):
        assert [person.get(f"/v1/images/{one}").status_code for one in ids] == [
            200 if one == own else 404 for one in ids
        ]
    assert [desk.get(f"/v1/images/{one}").status_code for one in ids] == [404, 404, 200]
    desk.shop.images.drop([ids[2]])
    assert anna.get(f"/v1/images/{ids[0]}").status_code == 200


def test_two_users_may_call_their_presets_alike(anna: Person, ben: Person) -> None:
    for person, value in ((anna, 10), (ben, 250)):
        person.made("/v1/presets", {"name": "mine", "title": person.name, "images": [person.upload(value)]})
    assert [it.get("/v1/presets/mine").json["title"] for it in (anna, ben)] == ["anna", "ben"]  # type: ignore[index]
    assert anna.call("DELETE", "/v1/presets/mine").status_code == 204
    assert ben.get("/v1/presets/mine").status_code == 200
    problem(ben.call("DELETE", "/v1/presets/ink"), 403, "read_only")


def test_the_machine_s_own_affairs_are_the_owner_s(desk: Desk, ben: Person) -> None:
    assert {name(route) for route in ROUTES if route.owner_only} == OWNER_ONLY
    for route in ROUTES:
        if route.owner_only:
            problem(ben.call(route.method, route.path), 403, "owner_only")
    assert not desk.stopped


def test_things_stay_their_owner_s_over_a_restart(desk: Desk, anna: Person, theirs: Things) -> None:
    assert desk.shop.saved(theirs.job)["owner"] == "anna"
    own = desk.job()
    assert "owner" not in desk.shop.saved(own), "older versions read what is the owner's"


def test_a_revoked_token_is_refused_at_once_and_its_job_is_there_for_the_next(desk: Desk, anna: Person) -> None:
    job = anna.job()
    events = anna.get(f"/v1/jobs/{job}/events")
    texts = iter(events.response)
    assert b"event: state" in next(texts)
    desk.tokens.revoke("anna")
    found = problem(anna.get(f"/v1/jobs/{job}"), 401, "token_revoked")
    assert "revoked" in found["detail"] and "new one" in found["hint"]
    problem(anna.call("POST", "/v1/jobs", json={}), 401, "token_revoked")
    assert len(list(texts)) <= 1, "the stream of events has ended"
    events.close()
    desk.shop.worker.done(job)
    again = Person(desk, "anna")
    assert again.get(f"/v1/jobs/{job}").json["state"] == "done"  # type: ignore[index]
    problem(anna.get(f"/v1/jobs/{job}"), 401, "token_revoked")


def test_a_page_s_session_sees_what_its_user_sees_and_ends_with_the_token(desk: Desk, anna: Person) -> None:
    job, own = anna.job(), desk.job()
    browser = desk.app.test_client()
    assert browser.get(anna.made("/v1/page/codes")["path"]).status_code == 303
    listed = browser.get("/v1/jobs").text
    assert job in listed and own not in listed
    assert browser.get("/").text.count("ink, ") == 1, "the jobs that are written into the page"
    desk.tokens.revoke("anna")
    problem(browser.get("/v1/jobs"), 401, "unauthorised")
    assert browser.get("/").status_code == 401


def test_who_ends_all_sessions_ends_own_ones(desk: Desk, anna: Person) -> None:
    browsers = []
    for path in (anna.made("/v1/page/codes")["path"], desk.post("/v1/page/codes").json["path"]):  # type: ignore[index]
        browsers.append(desk.app.test_client())
        assert browsers[-1].get(path).status_code == 303
    assert anna.call("DELETE", "/v1/page/session").status_code == 204
    assert [browser.get("/v1/jobs").status_code for browser in browsers] == [401, 200]


def test_a_user_s_quotas_bind_that_user_alone(open_desk: Any) -> None:
    desk = open_desk(user_jobs_queued=2, user_disk_bytes=1 << 20, user_max_pixels=4096, user_event_streams=1)
    desk.shop.warm()
    anna, ben = Person(desk, "anna"), Person(desk, "ben")
    anna_job = anna.job()
    anna.job()
    body = {"content": anna.upload(), "preset": "ink"}
    assert "limit for each user" in problem(anna.call("POST", "/v1/jobs", json=body), 429, "too_many")["detail"]
    bens = ben.job()
    own, *_ = (desk.job() for _ in range(3))
    streams = [anna.get(f"/v1/jobs/{anna_job}/events") for _ in range(2)]
    problem(streams[1], 429, "too_many")
    others = [ben.get(f"/v1/jobs/{bens}/events"), desk.get(f"/v1/jobs/{own}/events")]
    assert [answer.status_code for answer in (streams[0], *others)] == [200] * 3
    streams[0].close()
    with anna.get(f"/v1/jobs/{anna_job}/events") as again:
        assert again.status_code == 200
    for answer in others:
        answer.close()
    large = {"width": 65, "height": 64, "format": "RGBA8"}
    raw = {"data": bytes(65 * 64 * 4), "content_type": "application/octet-stream", "query_string": large}
    problem(anna.call("POST", "/v1/images", **raw), 413, "too_large")
    assert desk.post("/v1/images", **raw).status_code == 201
