"""Everything the platform remembers, in one SQLite file. Instants are Unix seconds of the sandbox's clock."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS neighbour (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, colour TEXT NOT NULL, phone TEXT NOT NULL, unionid TEXT NOT NULL,
    place INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS openid (
    openid TEXT PRIMARY KEY, appid TEXT NOT NULL, neighbour TEXT NOT NULL, snapshot INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS contact (
    app TEXT NOT NULL, neighbour TEXT NOT NULL, following INTEGER NOT NULL DEFAULT 0,
    followed_at REAL, scene TEXT NOT NULL DEFAULT 'ADD_SCENE_SEARCH', qr_scene INTEGER NOT NULL DEFAULT 0,
    qr_scene_str TEXT NOT NULL DEFAULT '', remark TEXT NOT NULL DEFAULT '', last_message_at REAL,
    typing_until REAL NOT NULL DEFAULT 0, visited_at REAL, session_key TEXT, PRIMARY KEY (app, neighbour));
CREATE TABLE IF NOT EXISTS reply_window (
    app TEXT NOT NULL, neighbour TEXT NOT NULL, cause TEXT NOT NULL, until REAL NOT NULL, left INTEGER NOT NULL,
    PRIMARY KEY (app, neighbour, cause));
CREATE TABLE IF NOT EXISTS bubble (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, neighbour TEXT NOT NULL, openid TEXT NOT NULL,
    at REAL NOT NULL, sender TEXT NOT NULL, kind TEXT NOT NULL, via TEXT, push INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS bubble_chat ON bubble (app, neighbour, seq);
CREATE INDEX IF NOT EXISTS bubble_openid ON bubble (openid, seq);
CREATE TABLE IF NOT EXISTS push (
    id INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, neighbour TEXT, openid TEXT NOT NULL, at REAL NOT NULL,
    plain TEXT NOT NULL, answerable TEXT NOT NULL, outcome TEXT NOT NULL, reply TEXT);
CREATE INDEX IF NOT EXISTS push_neighbour ON push (neighbour, id);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, push INTEGER NOT NULL, at REAL NOT NULL, status INTEGER, ms INTEGER NOT NULL,
    body TEXT NOT NULL, error TEXT);
CREATE INDEX IF NOT EXISTS delivery_push ON delivery (push, id);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, app TEXT, rid TEXT NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, query TEXT NOT NULL, request TEXT NOT NULL, errcode INTEGER NOT NULL, response TEXT NOT NULL,
    ms INTEGER NOT NULL, client TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_rid ON call (rid);
CREATE TABLE IF NOT EXISTS usage (
    app TEXT NOT NULL, what TEXT NOT NULL, period TEXT NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (app, what, period));
CREATE TABLE IF NOT EXISTS token (
    token TEXT PRIMARY KEY, app TEXT NOT NULL, slot TEXT NOT NULL, issued REAL NOT NULL, until REAL NOT NULL,
    killed REAL);
CREATE INDEX IF NOT EXISTS token_slot ON token (app, slot, issued);
CREATE TABLE IF NOT EXISTS code (
    code TEXT PRIMARY KEY, app TEXT NOT NULL, purpose TEXT NOT NULL, openid TEXT NOT NULL, neighbour TEXT NOT NULL,
    scope TEXT NOT NULL, until REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0, snapshot INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS web_token (
    token TEXT PRIMARY KEY, refresh TEXT NOT NULL, app TEXT NOT NULL, openid TEXT NOT NULL, neighbour TEXT NOT NULL,
    scope TEXT NOT NULL, until REAL NOT NULL, refresh_until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS qrcode (
    ticket TEXT PRIMARY KEY, app TEXT NOT NULL, short TEXT NOT NULL UNIQUE, scene_id INTEGER NOT NULL,
    scene_str TEXT NOT NULL, until REAL);
CREATE TABLE IF NOT EXISTS media (
    media_id TEXT PRIMARY KEY, app TEXT NOT NULL, kind TEXT NOT NULL, until REAL, created REAL NOT NULL,
    mime TEXT NOT NULL, filename TEXT NOT NULL, title TEXT NOT NULL DEFAULT '', introduction TEXT NOT NULL DEFAULT '',
    content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS menu (app TEXT PRIMARY KEY, menuid INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tag (
    app TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (app, id), UNIQUE (app, name));
CREATE TABLE IF NOT EXISTS tagging (
    app TEXT NOT NULL, neighbour TEXT NOT NULL, tag INTEGER NOT NULL, PRIMARY KEY (app, neighbour, tag));
CREATE TABLE IF NOT EXISTS template_grant (
    app TEXT NOT NULL, neighbour TEXT NOT NULL, template_id TEXT NOT NULL, left INTEGER NOT NULL,
    always INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (app, neighbour, template_id));
CREATE TABLE IF NOT EXISTS sent_once (
    app TEXT NOT NULL, scope TEXT NOT NULL, client_id TEXT NOT NULL, at REAL NOT NULL, msg_id INTEGER NOT NULL,
    PRIMARY KEY (app, scope, client_id));
CREATE TABLE IF NOT EXISTS mass (
    msg_id INTEGER PRIMARY KEY, app TEXT NOT NULL, at REAL NOT NULL, body TEXT NOT NULL, readers TEXT NOT NULL,
    status TEXT NOT NULL, to_all INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mass_receipt (
    app TEXT NOT NULL, neighbour TEXT NOT NULL, month TEXT NOT NULL, msg_id INTEGER NOT NULL,
    PRIMARY KEY (app, neighbour, month, msg_id));
CREATE TABLE IF NOT EXISTS draft (
    media_id TEXT PRIMARY KEY, app TEXT NOT NULL, updated REAL NOT NULL, body TEXT NOT NULL,
    spent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS publication (
    publish_id INTEGER PRIMARY KEY, app TEXT NOT NULL, at REAL NOT NULL, article_id TEXT NOT NULL UNIQUE,
    status INTEGER NOT NULL, body TEXT NOT NULL);
"""
