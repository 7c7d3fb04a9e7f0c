DROP TABLE dav_properties;
DROP TABLE user_keys;
DROP TABLE login_keys;
DROP TABLE access_logins;
