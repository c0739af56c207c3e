"""Pictures, films and tunes: files of posts, for those who may see the post."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from moodscore.studio import permissions, tunes
from moodscore.studio.here import Here, Present
from moodscore.studio.media_files import MediaFile, path_of
from moodscore.studio.posts import Post
from moodscore.studio.refusals import not_found

router = APIRouter()
OF_TUNES = {"m4a": "audio", "mid": "midi", "mp4": "film"}
SUFFIXES = {"image/jpeg": "jpg", "video/mp4": "mp4", "audio/mp4": "m4a", "audio/midi": "mid"}
PUBLIC_S = 600
# Files are never documents: nothing in them may run, whatever a browser takes them for.
POLICY = "default-src 'none'; sandbox"


@router.api_route("/m/{post_id}/{name}", methods=["GET", "HEAD"])
def rendition(here: Present, post_id: str, name: str, download: bool = False) -> Response:
    """A picture or film of a post: photo, photo-640, poster, video, or one of a film's photos or a clip's frames."""
    post = permissions.post_for(here.session, here.viewer, post_id)
    permissions.photo_for(here.session, here.viewer, post)
    return _file(here, post.renditions.get(name), name, download, _open_to_all(post))


@router.api_route("/m/{post_id}/tune/{tune_id}.{suffix}", methods=["GET", "HEAD"])
def tune_file(here: Present, post_id: str, tune_id: str, suffix: str, download: bool = False) -> Response:
    """A tune of a post as sound (m4a), notes (mid) or film (mp4); those that were not chosen are its owner's alone."""
    post = permissions.post_for(here.session, here.viewer, post_id)
    tune = tunes.one_of(here.session, post, tune_id)
    if tune.id != post.tune_id and not permissions.owns(here.viewer, post):
        raise not_found()
    if suffix == "mp4":
        permissions.photo_for(here.session, here.viewer, post)
    file_id, name = tune.files.get(OF_TUNES.get(suffix, "")), tune.title or tune.genre or "tune"
    return _file(here, file_id, name, download, _open_to_all(post) and tune.id == post.tune_id)


def _open_to_all(post: Post) -> bool:
    """Whether everybody may see a post, so that a browser may keep its files for a while."""
    return post.state == "published" and post.visibility == "public" and not post.held


def _file(here: Here, file_id: str | None, name: str, download: bool, open_to_all: bool) -> Response:
    file = here.session.get(MediaFile, file_id) if file_id else None
    path = path_of(here.settings.media, file.id) if file else None
    if file is None or path is None or not path.exists():
        raise not_found()
    headers = {
        "etag": f'"{file.id}"',
        "cache-control": f"private, max-age={PUBLIC_S}" if open_to_all else "private, no-cache",
        "content-security-policy": POLICY,
        "cross-origin-resource-policy": "cross-origin" if open_to_all else "same-origin",
    }
    if f'"{file.id}"' in here.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if download:
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(file_name(name, file.media_type))}"
    return FileResponse(path, media_type=file.media_type, headers=headers)


def file_name(name: str, media_type: str) -> str:
    """What a file that is saved is called: a few letters of what it is, and its kind."""
    plain = re.sub(r"[^\w]+", "-", name, flags=re.UNICODE).strip("-").lower()[:60] or "moodscore"
    return f"moodscore-{plain}.{SUFFIXES.get(media_type, 'bin')}"
