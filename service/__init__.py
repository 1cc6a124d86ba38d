"""The service over HTTP: CDS Hooks in, cards out."""

from service.app import create_app
from service.settings import Settings, SettingsError, demo_settings

__all__ = ["Settings", "SettingsError", "create_app", "demo_settings"]
