-- Takes the rules of sites back.
DROP TABLE private_folder_users;
DROP TABLE private_folders;
DROP TABLE site_headers;
DROP TABLE site_redirects;
