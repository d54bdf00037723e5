from vetclinic.monitoring.backup_run import BackupRun

__all__ = ["BackupRun"]
