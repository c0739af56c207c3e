"""For machines: crawlers are told what is of no use to them, monitors whether all is well."""

from moodscore.studio.workers import Worker


def test_crawlers_stay_out_of_what_is_nobodys_but_ones_own(visitor):
    said = visitor.get("/robots.txt")
    assert said.headers["content-type"].startswith("text/plain")
    assert "Disallow: /settings" in said.text


def test_a_monitor_hears_whether_somebody_works(visitor, database):
    assert visitor.get("/healthz").json() == {"ok": True, "workers": 0}
    with database.writing() as session:
        session.add(Worker(id="one"))
        session.add(Worker(id="long ago", beat_at=1.0))
    assert visitor.get("/healthz").json() == {"ok": True, "workers": 1}
