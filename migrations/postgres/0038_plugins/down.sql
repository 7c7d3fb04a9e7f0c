DROP TABLE plugin_values;
DROP TABLE plugin_sites;
DROP TABLE plugins;
