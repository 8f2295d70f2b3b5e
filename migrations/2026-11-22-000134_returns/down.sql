DROP TABLE claims, return_lines, returns;
