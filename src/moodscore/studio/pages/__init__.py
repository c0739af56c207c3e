"""Pages: the routes of the studio, one file per noun."""

from moodscore.studio.pages import (
    accounts,
    admin,
    app_shell,
    comments,
    feedback,
    feeds,
    machines,
    media,
    notifications,
    outside,
    post,
    profiles,
    search,
    settings,
    upload,
)

NOUNS = (
    accounts,
    admin,
    app_shell,
    comments,
    feeds,
    feedback,
    machines,
    media,
    notifications,
    outside,
    post,
    profiles,
    search,
    settings,
    upload,
)
ROUTERS = tuple(noun.router for noun in NOUNS)
