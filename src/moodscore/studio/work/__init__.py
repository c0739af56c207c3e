"""Work: the durable jobs of the studio. Only this folder imports `moodscore.jobs`; the web process never imports it."""
