-- title = "ServiceCategory filled with Other"
-- column = "ServiceCategory"
-- why = "FOCUS has Other for what fits no category"
coalesce("ServiceCategory", 'Other')
