"""Films of photos and soundtracks of clips, as a worker makes them, from what people send to what they see and hear."""

import io
import time

import av
import numpy as np
import pytest
from PIL import Image

from moodscore.prepare import clip as clips
from moodscore.studio import publishing
from moodscore.studio.media_files import path_of
from moodscore.studio.notifications import Notification
from moodscore.studio.posts import Post
from moodscore.studio.tunes import Tune, of_post


def still(colour):
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, format="JPEG")
    return out.getvalue()


def moving(seconds=4.0, rate=12, size=(160, 96)):
    """A clip of two shots with a tone under them, as MP4."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        picture, sound = container.add_stream("libx264", rate=rate), container.add_stream("aac", rate=44100)
        picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
        sound.layout = "stereo"
        for k in range(int(seconds * rate)):
            shot = np.zeros((size[1], size[0], 3), np.uint8)
            shot[:, :, 0 if k < seconds * rate / 2 else 2] = 200
            shot[:, k * 2 % size[0] :][:, :20] = 255
            container.mux(picture.encode(av.VideoFrame.from_ndarray(shot, format="rgb24")))
        container.mux(picture.encode(None))
        tone = 0.2 * np.sin(np.arange(int(seconds * 44100)) * 2 * np.pi * 220 / 44100)
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]).astype(np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 44100, 0
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return out.getvalue()


def test_a_clip_gets_three_soundtracks_and_a_curve(works, upload, until, database, settings, person):
    mina = person("mina")
    draft = upload(moving(), "street.mp4", user=mina.user)
    (post,) = until([draft], lambda p: p.state in ("ready", "failed"), 120)
    assert (post.kind, post.state, post.reason) == ("clip", "ready", "")
    assert post.duration_s == pytest.approx(4.0, abs=0.3)
    with database.session() as session:
        found = of_post(session, post)
        assert [n.kind for n in session.query(Notification)] == ["ready"]
    assert [t.role for t in found] == ["library", "faithful", "contrast"]
    assert post.tune_id == found[1].id
    for tune in found:
        film = clips.open(path_of(settings.media, tune.files["film"]))
        assert film.duration_s == pytest.approx(post.duration_s, abs=0.2)
        assert film.has_sound
        with av.open(path_of(settings.media, tune.files["film"])) as container:
            assert container.metadata["title"] == "moodscore"
    curve = post.trajectory
    assert len(curve["times_s"]) == len(curve["valence"]) == len(curve["arousal"]) > 1
    assert curve["genre"]
    page = mina.get(f"/p/{post.id}/make").text
    assert "curve-valence" in page
    assert f"/m/{post.id}/frame-0" in page
    assert mina.get(f"/m/{post.id}/frame-0").headers["content-type"] == "image/jpeg"


def test_photos_become_a_film_whose_tunes_share_the_pictures(works, upload, until, database, settings, person):
    from moodscore.studio import uploads
    from moodscore.studio.permissions import Viewer
    from moodscore.studio.uploads import Sent, Wish

    mina = person("mina")
    sent = [
        Sent(f"{k}.jpg", io.BytesIO(data)) for k, data in enumerate((still("navy"), b"\xff\xd8broken", still("gold")))
    ]
    wish = Wish(order="arc")
    draft, _ = uploads.write_down(settings, sent, wish)
    assert draft.wish["order"] == "arc"
    with database.writing() as session:
        uploads.claim(session, Viewer(mina.user), draft, wish)
    (post,) = until([draft], lambda p: p.state in ("ready", "failed"), 180)
    assert (post.kind, post.state, post.reason) == ("film", "ready", "")
    assert post.alt == post.captions["en"][0]
    assert post.alt.startswith("A film of two photos; the first is ")
    assert [n for n in post.renditions if n.startswith("still-")] == [
        "still-0",
        "still-2",
    ]  # the broken one is left out, and its owner is told why
    assert [bool(one["why"]) for one in post.originals] == [False, True, False]
    made = mina.get(f"/p/{post.id}/make").text
    assert "Left out of the film:" in made
    assert "1.jpg: expected " in made
    with database.session() as session:
        found = {t.role: t for t in of_post(session, post)}
    assert set(found) == {"library", "faithful", "contrast"}
    lengths = {clips.open(path_of(settings.media, t.files["film"])).duration_s for t in found.values()}
    assert max(lengths) - min(lengths) < 0.2
    assert len({t.files["film"] for t in found.values()}) == 3
    words = {"caption": "two days", "alt": "Two colours.", "visibility": "public"}
    mina.post(f"/p/{post.id}/publish", {**words, "tune": found["contrast"].id})
    page = mina.get(f"/p/{post.id}").text
    assert f"/m/{post.id}/tune/{found['contrast'].id}.mp4" in page


def test_a_photo_and_its_tune_become_a_film_on_order(works, upload, until, database, settings, person):
    mina = person("mina")
    draft = upload(still("teal"), user=mina.user)
    until([draft], lambda p: p.stage == "compose", 60)
    with database.session() as session:
        (tune,) = [t for t in of_post(session, session.get(Post, draft.id)) if t.role == "library"]
    mina.post(f"/p/{draft.id}/film", {"tune": tune.id})
    mina.post(f"/p/{draft.id}/cancel")  # the other tunes are not waited for; the film is made all the same
    end = time.monotonic() + 120
    while mina.get(f"/p/{draft.id}/state").json()["orders"] and time.monotonic() < end:
        time.sleep(0.1)
    saved = mina.get(f"/m/{draft.id}/tune/{tune.id}.mp4?download=1")
    assert saved.headers["content-type"] == "video/mp4"
    with database.session() as session:
        film = clips.open(path_of(settings.media, session.get(Tune, tune.id).files["film"]))
    assert film.duration_s == pytest.approx(tune.duration_s, abs=0.2)
    assert film.size == (1280, 720)


def test_a_clip_too_short_for_music_is_refused_in_a_sentence(works, upload, until, database):
    draft = upload(moving(1.5), "blink.mp4")
    (post,) = until([draft], lambda p: p.state in ("ready", "failed"), 60)
    assert "blink.mp4: expected a clip of 3 s or longer" in post.reason
    with database.writing() as session:
        assert publishing.retry(session, session.get(Post, post.id))
