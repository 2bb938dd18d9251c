/** Stands in for Azure's extension `pgaadauth` on a server without Entra: creates a role that may log in. */
export const entraStandIn = `
CREATE TABLE principals (name text, oid text, kind text, is_admin boolean, is_mfa boolean);
CREATE FUNCTION pgaadauth_create_principal_with_oid(name text, oid text, kind text, is_admin boolean, is_mfa boolean)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', name, 'token-of-ringdown');
  INSERT INTO principals VALUES (name, oid, kind, is_admin, is_mfa);
  RETURN 'Created role for ' || name;
END $$;
CREATE FUNCTION pgaadauth_list_principals(only_admins boolean)
RETURNS TABLE (rolname text, principaltype text, objectid text, isadmin boolean) LANGUAGE sql SECURITY DEFINER AS $$
  SELECT name, kind, oid, is_admin FROM principals WHERE is_admin OR NOT only_admins
$$;
CREATE ROLE "ringdown admin" LOGIN CREATEDB CREATEROLE PASSWORD 'token-of-admin'`;
