"""Forms from the mini-program: begun, answered field by field, handed in; the rules of the chat hold here too."""

from __future__ import annotations

from tests.api.minis import Mini, problem
from tests.forms.conftest import laid_down
from tests.neighbours import Town

ANSWERS = ("女", "19410307", "13900000001", "本社区", "20080601", "和子女", "00", "1850", "2", "否", "社保卡")


def test_a_form_goes_its_way(town: Town, ma: Mini) -> None:
    laid_down(town)
    form = next(one for one in ma.get("/forms").json["items"] if one["key"] == "gaoling")
    begun = ma.post(f"/forms/{form['id']}/begin")
    assert begun.status_code == 201
    number = begun.json["id"]
    problem(ma.post(f"/forms/drafts/{number}/hand_in"), 409, "forms.incomplete")
    problem(ma.post(f"/forms/drafts/{number}/answer", field="born", words="1941"), 409, "forms.bad_date")
    last = ma.post(f"/forms/drafts/{number}/answer", field="name", words="买买提·艾力").json
    for words in ANSWERS:
        last = ma.post(f"/forms/drafts/{number}/answer", field=last["missing"][0], words=words).json
    assert last["missing"] == []
    assert next(one for one in last["fields"] if one["key"] == "born")["answer"] == "1941年3月7日"
    done = ma.post(f"/forms/drafts/{number}/hand_in").json
    assert (done["state"], len(done["number"])) == ("handed_in", 8)
    assert [row["id"] for row in ma.get("/forms/drafts").json["items"]] == [number]


def test_one_is_begun_for_a_neighbour_and_given_up(town: Town, ma: Mini) -> None:
    form = laid_down(town)
    problem(ma.post(f"/forms/{form}/begin", name="李阿娘"), 409, "forms.no_tie")
    number = ma.post(f"/forms/{form}/begin", name="李阿娘", tie="邻居").json["id"]
    assert ma.post(f"/forms/drafts/{number}/drop").json["state"] == "dropped"
    assert ma.get("/forms/drafts").json["items"] == []
