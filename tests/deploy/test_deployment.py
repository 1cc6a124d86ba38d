"""The files to deploy with are what the published schemas and the service itself allow."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from flask import Flask

from grading.knowledge import EDITION
from sandbox.__main__ import main as sandbox_command
from service.cli import main as command
from service.gunicorn_conf import graceful_timeout, max_requests, max_requests_jitter, threads
from service.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
MANIFESTS = sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
FILES = [ROOT / "Dockerfile", COMPOSE, *MANIFESTS, *(ROOT / "deploy/proxy").iterdir()]
OPERATIONS = ROOT / "docs/operations.md"
KUBERNETES = "1.31"
SETTINGS = {f"CART_CDS_{each.name.upper()}" for each in fields(Settings)} - {"CART_CDS_IGNORED"}
OURS = f"cart-toxicity-cds:{EDITION}"
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+[\w.-]*")
"""A tag that names a release, and not the newest of anything."""


def documents(path: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(path.read_text("utf-8")) if each]


MANIFEST_IDS = [
    pytest.param(document, id=f"{path.stem}-{document['kind']}")
    for path in MANIFESTS
    for document in documents(path)
]
SERVICES: dict[str, dict[str, Any]] = documents(COMPOSE)[0]["services"]
OUR_SERVICES = {name: each for name, each in SERVICES.items() if each["image"] == OURS}


def pods() -> Iterator[dict[str, Any]]:
    """The pod of everything that runs one."""
    for path in MANIFESTS:
        for document in documents(path):
            spec = document.get("spec", {})
            spec = spec.get("jobTemplate", {}).get("spec", spec)
            if "template" in spec:
                yield spec["template"]["spec"]


PODS = list(pods())


def instructions(name: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)


def test_the_compose_file_is_of_the_compose_specification() -> None:
    checker = [sys.executable, "-m", "check_jsonschema"]
    told = ["--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run([*checker, *told], capture_output=True, text=True, check=False)  # noqa: S603

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("document", MANIFEST_IDS)
def test_a_manifest_is_of_the_schema_of_kubernetes(document: dict[str, Any]) -> None:
    assert kubernetes_validate.validate(document, KUBERNETES, strict=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"CART_CDS_[A-Z_]+", path.read_text("utf-8")))

    assert named - SETTINGS == set()


def test_the_document_lists_exactly_the_settings_once_each() -> None:
    table = OPERATIONS.read_text("utf-8").partition("## Settings")[2].partition("\n### ")[0]
    told = re.findall(r"^\| `(CART_CDS_[A-Z_]+)` \|", table, re.MULTILINE)

    assert sorted(told) == sorted(SETTINGS)


def values() -> Iterator[tuple[str, dict[str, str]]]:
    """The settings that a file gives in full."""
    for name, each in OUR_SERVICES.items():
        yield name, each.get("environment", {})
    for path in MANIFESTS:
        for document in documents(path):
            if document["kind"] == "ConfigMap":
                yield document["metadata"]["name"], document["data"]


@pytest.mark.parametrize(("name", "environment"), list(values()))
def test_the_values_of_settings_are_allowed(name: str, environment: dict[str, str]) -> None:
    assert read_settings(environment).ignored == (), name


def test_the_container_of_the_demo_may_read_its_own_fhir_server() -> None:
    settings = read_settings(SERVICES["cds"]["environment"])
    (network,) = documents(COMPOSE)[0]["networks"]["default"]["ipam"]["config"]

    assert [str(each) for each in settings.fhir_networks] == [network["subnet"]]
    assert settings.fhir_servers == (SERVICES["fhir"]["environment"]["hapi.fhir.server_address"],)


def commands() -> Iterator[list[str]]:
    """What containers of ours run, after the entry point."""
    (told,) = instructions("CMD")
    yield yaml.safe_load(told)
    for name, each in OUR_SERVICES.items():
        if name != "bedside" and "command" in each:
            yield each["command"]
    for pod in PODS:
        for container in pod["containers"]:
            yield container["args"]


@pytest.mark.parametrize("line", sorted({" ".join(each) for each in commands()}))
def test_a_command_that_is_run_exists_with_its_options(line: str) -> None:
    name, *rest = line.split()
    known = command.commands[name]
    for word in rest:
        if word in getattr(known, "commands", {}):
            known = known.commands[word]  # type: ignore[attr-defined]
    options = {option for each in known.params for option in each.opts}

    assert {word for word in rest if word.startswith("--")} <= options


def test_the_page_is_started_with_options_that_it_has() -> None:
    bedside = SERVICES["bedside"]
    name, *rest = bedside["command"]
    options = {option for each in sandbox_command.commands[name].params for option in each.opts}

    assert bedside["entrypoint"] == ["python", "-m", "sandbox"]
    assert {word for word in rest if word.startswith("--")} <= options


def test_ports_of_the_demo_are_open_to_this_machine_alone() -> None:
    published = [port for each in SERVICES.values() for port in each.get("ports", ())]

    assert published
    assert all(str(port).startswith("127.0.0.1:") for port in published)


def probed() -> Iterator[str]:
    """The paths that something asks whether the service is well."""
    for pod in PODS:
        for container in pod["containers"]:
            for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
                if kind in container:
                    yield container[kind]["httpGet"]["path"]
    yield from re.findall(r"http://127\.0\.0\.1:8042(/\w+)", " ".join(instructions("HEALTHCHECK")))


def test_what_is_probed_is_served(app: Flask) -> None:
    paths = list(probed())

    assert len(paths) == 4
    assert set(paths) == {"/healthz", "/readyz"}
    assert [app.test_client().get(path).status_code for path in paths] == [200] * len(paths)


def test_who_restarts_asks_for_the_process_and_who_routes_for_readiness() -> None:
    (container,) = next(pod for pod in PODS if "readinessProbe" in pod["containers"][0])[
        "containers"
    ]

    for kind in ("startupProbe", "livenessProbe"):
        assert container[kind]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["readinessProbe"]["timeoutSeconds"] > 2  # longer than a database is waited for


def test_what_deletes_has_the_settings_of_the_service() -> None:
    found = [each for pod in PODS for each in pod["containers"] if each["args"] == ["purge"]]
    (served,) = (each for pod in PODS for each in pod["containers"] if "readinessProbe" in each)

    assert [each["envFrom"] for each in found] == [served["envFrom"]]


def images() -> list[str]:
    inside = [text.split()[0] for text in instructions("FROM")]
    pulled = [each["image"] for each in SERVICES.values()]
    return inside + pulled + [each["image"] for pod in PODS for each in pod["containers"]]


@pytest.mark.parametrize("image", sorted(set(images())))
def test_an_image_is_pinned_to_a_release(image: str) -> None:
    assert PINNED.fullmatch(image)


def test_our_image_is_that_of_this_edition() -> None:
    assert {each for each in images() if each.startswith("cart-toxicity-cds")} == {OURS}


def test_the_job_that_upgrades_the_store_carries_the_release_in_its_name() -> None:
    (job,) = [each for path in MANIFESTS for each in documents(path) if each["kind"] == "Job"]

    assert job["metadata"]["name"] == f"cart-cds-migrate-{EDITION.replace('.', '-')}"


def test_the_proxy_takes_bodies_as_large_as_the_service_does() -> None:
    caddy = (ROOT / "deploy/proxy/Caddyfile").read_text("utf-8")
    most = read_settings(SERVICES["cds"]["environment"]).max_body_mb

    assert re.findall(r"(?:max_size|request_buffers) (\S+)", caddy) == [f"{most}MiB"] * 2


MIB_OF_A_PROCESS = 110
TIMES_ITS_SIZE = 3
"""What `docs/operations.md` tells of memory under Sizing, as it was measured."""


def test_the_limit_of_memory_holds_the_largest_bodies_in_all_threads() -> None:
    kinds = [each for path in MANIFESTS for each in documents(path)]
    (settings,) = [each["data"] for each in kinds if each["kind"] == "ConfigMap"]
    (pod,) = [pod for pod in PODS if pod["containers"][0]["name"] == "cart-cds"]
    (container,) = pod["containers"]
    workers = int(container["args"][-1])
    largest = read_settings(settings).max_body_mb
    folder = int(pod["volumes"][0]["emptyDir"]["sizeLimit"].removesuffix("Mi"))
    limit = int(container["resources"]["limits"]["memory"].removesuffix("Mi"))

    bodies = workers * threads * largest * TIMES_ITS_SIZE
    assert (workers + 1) * MIB_OF_A_PROCESS + bodies + folder <= limit


def test_the_image_runs_without_rights() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert instructions("ENTRYPOINT") == ['["cart-cds"]']
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text("utf-8")


def test_what_the_image_is_made_of_is_there() -> None:
    sources = [text.split()[:-1] for text in instructions("COPY") if not text.startswith("--from")]
    named = {name for each in sources for name in each}
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)

    assert named == set(kept)
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", OUR_SERVICES)
def test_a_container_of_ours_cannot_write_or_gain_rights(name: str) -> None:
    each = OUR_SERVICES[name]

    assert each["read_only"] is True
    assert each["user"] == "10001:10001"
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod["containers"][0]["name"])
def test_a_pod_cannot_write_or_gain_rights_and_is_bounded(pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"].keys() == {"cpu", "memory"}
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}


def test_an_update_takes_no_pod_away_before_another_is_ready() -> None:
    kinds = {document["kind"]: document for path in MANIFESTS for document in documents(path)}
    deployment, scaler = kinds["Deployment"]["spec"], kinds["HorizontalPodAutoscaler"]["spec"]

    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert deployment["replicas"] >= 2
    assert 2 <= scaler["minReplicas"] <= scaler["maxReplicas"]
    assert scaler["scaleTargetRef"]["name"] == kinds["Deployment"]["metadata"]["name"]


def test_a_container_is_given_the_time_that_gunicorn_takes_to_stop() -> None:
    pod = next(pod for pod in PODS if "lifecycle" in pod["containers"][0])
    (pause,) = re.findall(r"sleep\((\d+)\)", str(pod["containers"][0]["lifecycle"]))
    times = [
        0,
        graceful_timeout,
        graceful_timeout + int(pause),
        pod["terminationGracePeriodSeconds"],
    ]

    assert all(less < more for less, more in pairwise(times))
    assert SERVICES["cds"]["stop_grace_period"] == "20s"
    assert graceful_timeout < 20


def test_workers_are_replaced_now_and_then_and_not_all_at_once() -> None:
    assert max_requests >= 10_000
    assert max_requests_jitter >= max_requests / 10


def test_secrets_come_from_secrets() -> None:
    secret = {"CART_CDS_DATABASE_URL", "CART_CDS_METRICS_TOKEN", "CART_CDS_ANALYTICS_TOKEN"}
    for pod in PODS:
        for each in pod["containers"][0].get("env", ()):
            assert each["name"] not in secret or "secretKeyRef" in each["valueFrom"]
    maps = [document for path in MANIFESTS for document in documents(path)]

    assert not any(secret & document.get("data", {}).keys() for document in maps)
