-- The role of `withTenant`: it owns nothing, so row-level security binds it. Shared by all databases of a cluster.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plumbline_tenant') THEN
    CREATE ROLE plumbline_tenant NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another database of the cluster was faster
END
$$;
--> statement-breakpoint
-- Whoever made the role is its member, but since Postgres 16 may not take it on without this.
DO $$
BEGIN
  EXECUTE format('GRANT plumbline_tenant TO %I', current_user);
EXCEPTION WHEN insufficient_privilege OR unique_violation THEN
  NULL; -- an administrator made the role and granted it, or another database of the cluster was faster
END
$$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO plumbline_tenant;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO plumbline_tenant;
