VACUUM account
