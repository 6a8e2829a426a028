"""Fixtures of the tests of the deployment. The tests of a module with hosts are steps: each needs the ones before it."""

import pytest

import debs
from deployment import Deployment
from hosts_lab import why_impossible

NEWER = "999.1"  # A version that an upgrade finds, with the programs of this checkout.


@pytest.fixture(scope="session")
def built():
    """The packages of this checkout."""
    return debs.built()


@pytest.fixture(scope="module")
def packages(built):
    """Those that the hosts of a module install. A module may have others."""
    return built


@pytest.fixture(scope="module")
def shop(request, packages, tmp_path_factory):
    """Booted hosts with nothing of the shop, for a module that names its INVENTORY. Its tests are in their network."""
    reason = why_impossible()  # make test asks before it runs this suite.
    assert reason is None, f"this machine cannot boot the hosts: {reason}"
    lab = request.module.__name__.replace("_", "-")
    deployment = Deployment(request.module.INVENTORY, lab, tmp_path_factory.mktemp("deployment"))
    try:
        deployment.boot(packages)
        with deployment.lab.inside():
            yield deployment
    finally:
        deployment.lab.down()


@pytest.fixture(scope="module")
def failed_before(request):
    return request.session.testsfailed


@pytest.fixture(autouse=True)
def earlier_steps(request, failed_before):
    if "shop" in request.fixturenames and request.session.testsfailed > failed_before:
        pytest.skip("an earlier step has failed")
