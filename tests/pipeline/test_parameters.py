"""Parameters are checked before anything runs: an unknown or ill-typed one stops with its name and the remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import parameters, project
from engagement.errors import ConfigurationError


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"greeting": "hi", "repeats": 2, "greting": "x"}, "corpus.greting is unknown"),
        ({"greeting": "hi", "repeats": "2"}, "corpus.repeats must be int, is '2'"),
        ({"greeting": "hi", "repeats": True}, "corpus.repeats must be int, is True"),
        ({"greeting": "hi", "repeats": 2.0}, "corpus.repeats must be int"),
        ({"greeting": False, "repeats": 2}, "corpus.greeting must be str"),
        ({"repeats": 2}, "corpus.greeting (str) is missing"),
    ],
)
def test_a_wrong_parameter_is_named(miniature, section, told):
    miniature.params(partners=["US"], corpus=section)
    with pytest.raises(ConfigurationError) as error:
        parameters.for_stage("corpus")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_the_stage_gets_its_own_section_only(miniature):
    miniature.params(partners=["US"], seed=1, corpus={"greeting": "hi", "repeats": 3}, topics={"num_topics": 4})
    assert parameters.for_stage("corpus") == {"greeting": "hi", "repeats": 3}


def test_shared_names_reach_a_notebook_that_declares_them(miniature):
    miniature.notebook("pass", parameters="seed: int = 0\npartners: list = []")
    miniature.params(partners=["US"], seed=7, corpus={})
    assert parameters.for_stage("corpus") == {"seed": 7, "partners": ["US"]}


def test_an_unknown_section_is_named(miniature):
    miniature.params(partners=["US"], corpse={"greeting": "hi"})
    with pytest.raises(ConfigurationError, match="unknown name 'corpse'"):
        parameters.for_stage("corpus")


def test_broken_yaml_is_one_line(miniature):
    miniature.write("params.yaml", "corpus: [1,\n  b: }")
    with pytest.raises(ConfigurationError, match=r"^params.yaml: not readable as YAML: [^\n]*$"):
        parameters.load()


@pytest.mark.parametrize("source", ["repeats = 2", "repeats: int = 1 + 1", "import os", "repeats: int"])
def test_a_parameters_cell_of_another_form_is_refused(miniature, source):
    miniature.notebook("pass", parameters=source)
    with pytest.raises(ConfigurationError, match="must read `name: type = literal`"):
        parameters.declared(project.notebook("corpus"))


def test_a_notebook_without_parameters_cell_is_refused(miniature):
    miniature.notebook("pass", parameters=None)
    with pytest.raises(ConfigurationError, match="0 cells tagged `parameters`"):
        parameters.declared(project.notebook("corpus"))


def test_partner_is_checked(miniature):
    miniature.notebook("pass", parameters='partner: str = "US"')
    miniature.params(partners=["US", "JP"], corpus={})
    assert parameters.for_stage("corpus", "JP") == {"partner": "JP"}
    with pytest.raises(ConfigurationError, match="partner 'XX' is not in params.yaml's partners"):
        parameters.for_stage("corpus", "XX")
    miniature.notebook("pass", parameters="seed: int = 1")
    miniature.params(partners=["US"], seed=1, corpus={})
    with pytest.raises(ConfigurationError, match="takes no --partner"):
        parameters.for_stage("corpus", "US")


@given(st.integers() | st.floats() | st.booleans() | st.text() | st.lists(st.integers()) | st.none())
def test_a_value_fits_at_most_the_types_it_has(value):
    fitting = {name for name in ("int", "float", "str", "bool", "list", "list[int]") if parameters.fits(value, name)}
    if isinstance(value, bool):
        assert fitting == {"bool"}
    elif isinstance(value, int):
        assert fitting == {"int", "float"}
    elif isinstance(value, list):
        assert fitting == {"list", "list[int]"}
    else:
        assert fitting == ({type(value).__name__} if value is not None else set())


@pytest.mark.parametrize("stage", project.NOTEBOOK_STAGES)
def test_a_notebook_opened_by_hand_has_the_pipelines_parameters(stage):
    """The defaults of each `parameters` cell equal params.yaml, so JupyterLab gives what the pipeline gives."""
    first_partner = parameters.load()["partners"][0] if stage == "partner" else None
    defaults = {name: default for name, (_, default) in parameters.declared(project.notebook(stage)).items()}
    assert defaults == parameters.for_stage(stage, first_partner)
