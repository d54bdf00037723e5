from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "vetclinic.access"
    label = "access"
