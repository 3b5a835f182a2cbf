"""`/v1/sequences`: moving pictures, frame by frame."""

from __future__ import annotations

from flask import Response, jsonify

from ..jobs.sequence_spec import AgainSpec, SequenceChangeSpec, SequenceFrameSpec, SequenceSpec
from .responses import created
from .services import Services


def sequences(services: Services) -> Response:
    return jsonify(sequences=services.sequences.views())


def start(services: Services, spec: SequenceSpec) -> Response:
    sequence = services.sequences.start(spec)
    services.library.mark_used(spec.preset)
    return created(sequence, sequence["links"]["self"])


def sequence(services: Services, identity: str) -> Response:
    return jsonify(services.sequences.view(identity))


def change(services: Services, identity: str, change: SequenceChangeSpec) -> Response:
    return jsonify(services.sequences.change(identity, change))


def add_frame(services: Services, identity: str, frame: SequenceFrameSpec) -> Response:
    job = services.sequences.add_frame(identity, frame)
    return created(job, job["links"]["self"])


def again(services: Services, identity: str, spec: AgainSpec) -> Response:
    return jsonify(services.sequences.again(identity, spec))


def control(action: str, services: Services, identity: str) -> Response:
    """Cancel, pause or resume it."""
    return jsonify(getattr(services.sequences, action)(identity))


def delete(services: Services, identity: str) -> Response:
    services.sequences.delete(identity)
    return Response(status=204)
