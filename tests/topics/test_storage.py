"""Models on disk: the same bytes for the same model, the same model back, and clear refusals."""

import json

import numpy as np
import pytest

from engagement.errors import ConfigurationError
from engagement.topics import storage
from engagement.topics.collapsed import CollapsedLda

WORDS = {0: "aid", 1: "bridge", 2: "élection", 3: "naval base", 4: "port"}
CORPUS = [[(0, 3), (1, 2)], [(2, 4)], [], [(3, 1), (4, 5)], [(0, 1), (4, 2)]]
FILES = (storage.ARRAYS, storage.SETTINGS, storage.CHECKSUMS)


def fitted(**options):
    return CollapsedLda(CORPUS, num_topics=2, id2word=WORDS, document_ids=list("abcde"), random_state=4, **options)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    for run in "ab":
        fitted().write(tmp_path / run)
    CollapsedLda.read(tmp_path / "a").write(tmp_path / "c")
    for name in FILES:
        first = (tmp_path / "a" / name).read_bytes()
        assert first == (tmp_path / "b" / name).read_bytes() == (tmp_path / "c" / name).read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == sorted(FILES)


@pytest.mark.parametrize("options", [{}, {"eta": np.full((2, 5), 0.3), "alpha": 0.2, "dtype": np.float32}])
def test_a_model_comes_back_as_it_was(tmp_path, options):
    model = fitted(**options)
    model.write(tmp_path / "model")
    back = CollapsedLda.read(tmp_path / "model")
    for name in ("alpha", "eta", "document_counts", "gamma", "expElogbeta"):
        was, now = getattr(model, name), getattr(back, name)
        assert np.array_equal(now, was) and now.dtype == was.dtype
    assert np.array_equal(back.get_topics(), model.get_topics())
    assert np.array_equal(back.inference(CORPUS)[0], model.inference(CORPUS)[0])
    assert back.show_topics(2) == model.show_topics(2)
    assert (back.document_ids, back.trace, back.seed) == (list("abcde"), model.trace, 4)
    model.update(CORPUS)
    back.update(CORPUS)
    assert np.array_equal(back.get_topics(), model.get_topics())


def test_nothing_is_pickled(tmp_path):
    fitted().write(tmp_path)
    with np.load(tmp_path / storage.ARRAYS, allow_pickle=False) as file:
        assert sorted(file.files) == ["alpha", "document_counts", "eta", "sstats"]
        assert all(file[name].dtype.kind == "f" for name in file.files)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_refused(tmp_path, name):
    fitted().write(tmp_path)
    content = (tmp_path / name).read_bytes()
    for place in range(0, len(content), max(1, len(content) // 40)):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        (tmp_path / name).write_bytes(changed)
        with pytest.raises(ConfigurationError, match="fit the model again"):
            CollapsedLda.read(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_cut_file_is_refused(tmp_path, name):
    fitted().write(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ConfigurationError):
        CollapsedLda.read(tmp_path)
    path.unlink()
    with pytest.raises(ConfigurationError, match=f"{tmp_path.name}/{name}: no model here"):
        CollapsedLda.read(tmp_path)


def test_another_version_is_named_with_the_remedy(tmp_path):
    fitted().write(tmp_path)
    path = tmp_path / storage.SETTINGS
    settings = json.loads(path.read_text())
    path.write_text(json.dumps(settings | {"format": 2}))
    with pytest.raises(ConfigurationError, match="format 2, this version reads 1; fit the model again"):
        CollapsedLda.read(tmp_path)


def test_writing_over_a_model_replaces_it(tmp_path):
    fitted().write(tmp_path)
    other = CollapsedLda(CORPUS, num_topics=3, id2word=WORDS)
    other.write(tmp_path)
    assert CollapsedLda.read(tmp_path).num_topics == 3
