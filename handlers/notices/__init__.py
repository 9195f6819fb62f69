"""Policy notices: latest, by category, by words; plain words first, the source below."""

from app.feature import Feature
from handlers.notices.api import api
from handlers.notices.chat import chat
from handlers.notices.seed import seed

feature = Feature("notices", "通知", chat=chat, api=api, seed=seed)
