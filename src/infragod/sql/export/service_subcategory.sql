-- title = "ServiceSubcategory filled with Other of its category"
-- column = "ServiceSubcategory"
-- why = "FOCUS 1.1 brought the column and forbids it to be empty; each ServiceCategory has an Other"
coalesce("ServiceSubcategory", 'Other (' || coalesce("ServiceCategory", 'Other') || ')')
