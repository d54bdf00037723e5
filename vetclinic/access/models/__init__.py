from vetclinic.access.models.second_factor import RecoveryCode, SecondFactor
from vetclinic.access.models.sent_form import SentForm
from vetclinic.access.models.sign_in_failure import SignInFailure
from vetclinic.access.models.user import User

__all__ = ["RecoveryCode", "SecondFactor", "SentForm", "SignInFailure", "User"]
