import pytest

from bot.doctor.on_this_machine import is_container


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
def test_a_container_is_known_by_its_mark(tmp_path, mark):
    assert not is_container({}, tmp_path)
    (tmp_path / mark).parent.mkdir(exist_ok=True)
    (tmp_path / mark).touch()
    assert is_container({}, tmp_path)


@pytest.mark.parametrize("name", ["container", "KUBERNETES_SERVICE_HOST"])
def test_a_container_is_known_by_its_environment(tmp_path, name):
    assert is_container({name: "x"}, tmp_path)
