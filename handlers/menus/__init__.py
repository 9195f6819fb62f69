"""The account's menu as versions: edited with a preview, published, rolled back."""

from app.feature import Feature

feature = Feature(name="menus", title="菜单")
