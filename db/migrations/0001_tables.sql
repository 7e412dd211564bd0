CREATE TABLE "rmm_alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"external_alert_id" text NOT NULL,
	"external_device_id" text,
	"device_hostname" text,
	"asset_id" uuid,
	"name" text NOT NULL,
	"description" text,
	"payload" text,
	"severity" text NOT NULL,
	"provider_severity" text,
	"status" text NOT NULL,
	"started_at" timestamp (3) with time zone,
	"resolved_at" timestamp (3) with time zone,
	"acknowledged_at" timestamp (3) with time zone,
	"acknowledged_by" uuid,
	"content_hash" text NOT NULL,
	"observed_at" timestamp (3) with time zone NOT NULL,
	"observed_via" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_alerts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "asset_details" (
	"asset_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"os_type" text,
	"os_version" text,
	"lan_ip" text,
	"cpu_model" text,
	"cpu_cores" integer,
	"ram_gb" integer,
	"disks" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"last_logged_in_user" text,
	"pending_os_patches" integer,
	"system_info" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "asset_details" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "assets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"client_id" uuid,
	"asset_type" text NOT NULL,
	"name" text NOT NULL,
	"serial_number" text,
	"location" text,
	"notes" text,
	"status" text DEFAULT 'active' NOT NULL,
	"gone_at" timestamp (3) with time zone,
	"gone_reason" text,
	"held_fields" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "assets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenant_external_entity_mappings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"integration_type" text NOT NULL,
	"external_type" text DEFAULT 'device' NOT NULL,
	"external_id" text NOT NULL,
	"asset_id" uuid,
	"external_group_id" text,
	"display_name" text NOT NULL,
	"skip_reason" text,
	"content_hash" text NOT NULL,
	"agent_status" text,
	"lifecycle_status" text,
	"last_seen_at" timestamp (3) with time zone,
	"last_reboot_at" timestamp (3) with time zone,
	"observed_at" timestamp (3) with time zone NOT NULL,
	"gone_at" timestamp (3) with time zone,
	"gone_reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "clients" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"notes" text,
	"archived_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "clients" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"actor_user_id" uuid,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"target_type" text,
	"target_id" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"ip" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_log" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid,
	"name" text NOT NULL,
	"event_key" text NOT NULL,
	"data" jsonb NOT NULL,
	"occurred_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"relayed_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text
);
--> statement-breakpoint
ALTER TABLE "rmm_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid,
	"way" text NOT NULL,
	"event_type" text,
	"event_key" text,
	"outcome" text NOT NULL,
	"reason" text,
	"response_status" integer NOT NULL,
	"duration_ms" integer NOT NULL,
	"asset_id" uuid,
	"alert_id" uuid,
	"body" text,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_integrations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"label" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"status_reason" text,
	"sync_status" text DEFAULT 'never' NOT NULL,
	"last_sync_error" text,
	"last_sync_hint" text,
	"last_full_sync_at" timestamp (3) with time zone,
	"last_groups_sync_at" timestamp (3) with time zone,
	"last_alerts_sync_at" timestamp (3) with time zone,
	"last_degraded" text[] DEFAULT '{}' NOT NULL,
	"full_sync_enabled" boolean DEFAULT true NOT NULL,
	"full_sync_interval_minutes" integer DEFAULT 60 NOT NULL,
	"next_full_sync_at" timestamp (3) with time zone,
	"alerts_sync_interval_minutes" integer DEFAULT 15 NOT NULL,
	"next_alerts_sync_at" timestamp (3) with time zone,
	"consecutive_failures" integer DEFAULT 0 NOT NULL,
	"paused_at" timestamp (3) with time zone,
	"paused_reason" text,
	"mapping_version" integer DEFAULT 0 NOT NULL,
	"key_last_characters" text,
	"key_saved_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rmm_integrations_label_key" UNIQUE("tenant_id","provider","label")
);
--> statement-breakpoint
ALTER TABLE "rmm_integrations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_organization_mappings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"parent_external_id" text,
	"name" text NOT NULL,
	"path" text NOT NULL,
	"state" text DEFAULT 'inherit' NOT NULL,
	"client_id" uuid,
	"external_device_count" integer,
	"gone_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenant_secrets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid,
	"name" text NOT NULL,
	"key_id" text NOT NULL,
	"sealed" text NOT NULL,
	"revealed_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_secrets_name_key" UNIQUE NULLS NOT DISTINCT("tenant_id","integration_id","name")
);
--> statement-breakpoint
ALTER TABLE "tenant_secrets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_sync_run_errors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"resource" text NOT NULL,
	"severity" text NOT NULL,
	"external_id" text,
	"name" text,
	"field" text,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_sync_run_errors" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_sync_run_pages" (
	"tenant_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"resource" text NOT NULL,
	"walk" integer NOT NULL,
	"sequence" integer NOT NULL,
	"cursor_after" text,
	"is_last" boolean NOT NULL,
	"ids_seen" text[] NOT NULL,
	"seen" integer NOT NULL,
	"created" integer DEFAULT 0 NOT NULL,
	"updated" integer DEFAULT 0 NOT NULL,
	"unchanged" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"committed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rmm_sync_run_pages_run_id_resource_walk_sequence_pk" PRIMARY KEY("run_id","resource","walk","sequence")
);
--> statement-breakpoint
ALTER TABLE "rmm_sync_run_pages" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_sync_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"type" text NOT NULL,
	"trigger" text NOT NULL,
	"actor" text NOT NULL,
	"key" text NOT NULL,
	"transport" text NOT NULL,
	"target_external_id" text DEFAULT '' NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"stage" text,
	"pages" integer DEFAULT 0 NOT NULL,
	"items_seen" integer DEFAULT 0 NOT NULL,
	"items_created" integer DEFAULT 0 NOT NULL,
	"items_updated" integer DEFAULT 0 NOT NULL,
	"items_unchanged" integer DEFAULT 0 NOT NULL,
	"items_skipped" integer DEFAULT 0 NOT NULL,
	"items_failed" integer DEFAULT 0 NOT NULL,
	"items_gone" integer DEFAULT 0 NOT NULL,
	"items_held" integer DEFAULT 0 NOT NULL,
	"expected_items" integer,
	"requests" integer DEFAULT 0 NOT NULL,
	"retries" integer DEFAULT 0 NOT NULL,
	"rate_limited_ms" integer DEFAULT 0 NOT NULL,
	"steps" integer DEFAULT 0 NOT NULL,
	"degraded" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"summary" jsonb,
	"pending_patches" integer,
	"error_code" text,
	"error_message" text,
	"error_hint" text,
	"cancel_requested_at" timestamp (3) with time zone,
	"requested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"heartbeat_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenants_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
ALTER TABLE "tenants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_device_updates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"external_update_id" text NOT NULL,
	"external_device_id" text NOT NULL,
	"name" text NOT NULL,
	"category" text,
	"version" text,
	"kb_ids" text[] DEFAULT '{}' NOT NULL,
	"size_bytes" bigint,
	"error" text,
	"published_on" text,
	"is_available" boolean DEFAULT true NOT NULL,
	"content_hash" text NOT NULL,
	"observed_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_device_updates" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ip" text,
	"user_agent" text
);
--> statement-breakpoint
ALTER TABLE "sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"password_hash" text,
	"invite_token_hash" text,
	"invite_expires_at" timestamp (3) with time zone,
	"disabled_at" timestamp (3) with time zone,
	"last_sign_in_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD CONSTRAINT "rmm_alerts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD CONSTRAINT "rmm_alerts_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD CONSTRAINT "rmm_alerts_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "asset_details" ADD CONSTRAINT "asset_details_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assets" ADD CONSTRAINT "assets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assets" ADD CONSTRAINT "assets_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD CONSTRAINT "tenant_external_entity_mappings_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD CONSTRAINT "tenant_external_entity_mappings_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD CONSTRAINT "tenant_external_entity_mappings_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_events" ADD CONSTRAINT "rmm_events_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_events" ADD CONSTRAINT "rmm_events_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD CONSTRAINT "rmm_webhook_deliveries_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD CONSTRAINT "rmm_webhook_deliveries_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD CONSTRAINT "rmm_integrations_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD CONSTRAINT "rmm_organization_mappings_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD CONSTRAINT "rmm_organization_mappings_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD CONSTRAINT "rmm_organization_mappings_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_secrets" ADD CONSTRAINT "tenant_secrets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_secrets" ADD CONSTRAINT "tenant_secrets_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_errors" ADD CONSTRAINT "rmm_sync_run_errors_run_id_rmm_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."rmm_sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_pages" ADD CONSTRAINT "rmm_sync_run_pages_run_id_rmm_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."rmm_sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD CONSTRAINT "rmm_sync_runs_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD CONSTRAINT "rmm_sync_runs_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_device_updates" ADD CONSTRAINT "rmm_device_updates_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_device_updates" ADD CONSTRAINT "rmm_device_updates_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_alerts_external_key" ON "rmm_alerts" USING btree ("tenant_id","integration_id","external_alert_id");--> statement-breakpoint
CREATE INDEX "rmm_alerts_inbox_idx" ON "rmm_alerts" USING btree ("tenant_id","status","started_at","id");--> statement-breakpoint
CREATE INDEX "rmm_alerts_device_idx" ON "rmm_alerts" USING btree ("tenant_id","integration_id","external_device_id");--> statement-breakpoint
CREATE INDEX "rmm_alerts_asset_idx" ON "rmm_alerts" USING btree ("tenant_id","asset_id");--> statement-breakpoint
CREATE INDEX "asset_details_tenant_idx" ON "asset_details" USING btree ("tenant_id");--> statement-breakpoint
CREATE INDEX "assets_list_idx" ON "assets" USING btree ("tenant_id","name","id");--> statement-breakpoint
CREATE INDEX "assets_client_idx" ON "assets" USING btree ("tenant_id","client_id","name");--> statement-breakpoint
CREATE INDEX "assets_serial_idx" ON "assets" USING btree ("tenant_id","serial_number");--> statement-breakpoint
CREATE UNIQUE INDEX "external_entity_external_key" ON "tenant_external_entity_mappings" USING btree ("tenant_id","integration_id","external_type","external_id");--> statement-breakpoint
CREATE INDEX "external_entity_asset_idx" ON "tenant_external_entity_mappings" USING btree ("tenant_id","asset_id");--> statement-breakpoint
CREATE INDEX "external_entity_skipped_idx" ON "tenant_external_entity_mappings" USING btree ("tenant_id","integration_id","skip_reason");--> statement-breakpoint
CREATE INDEX "external_entity_group_idx" ON "tenant_external_entity_mappings" USING btree ("tenant_id","integration_id","external_group_id");--> statement-breakpoint
CREATE UNIQUE INDEX "clients_active_name_key" ON "clients" USING btree ("tenant_id",lower("name")) WHERE "clients"."archived_at" is null;--> statement-breakpoint
CREATE INDEX "clients_tenant_name_idx" ON "clients" USING btree ("tenant_id","name");--> statement-breakpoint
CREATE INDEX "audit_log_list_idx" ON "audit_log" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_events_key" ON "rmm_events" USING btree ("event_key");--> statement-breakpoint
CREATE INDEX "rmm_events_unrelayed_idx" ON "rmm_events" USING btree ("id") WHERE "rmm_events"."relayed_at" is null;--> statement-breakpoint
CREATE INDEX "rmm_events_list_idx" ON "rmm_events" USING btree ("tenant_id","occurred_at");--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_webhook_deliveries_event_key" ON "rmm_webhook_deliveries" USING btree ("tenant_id","integration_id","event_key");--> statement-breakpoint
CREATE INDEX "rmm_webhook_deliveries_list_idx" ON "rmm_webhook_deliveries" USING btree ("tenant_id","received_at","id");--> statement-breakpoint
CREATE INDEX "rmm_integrations_due_idx" ON "rmm_integrations" USING btree ("next_full_sync_at");--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_organization_mappings_external_key" ON "rmm_organization_mappings" USING btree ("tenant_id","integration_id","external_id");--> statement-breakpoint
CREATE INDEX "rmm_organization_mappings_path_idx" ON "rmm_organization_mappings" USING btree ("tenant_id","integration_id","path");--> statement-breakpoint
CREATE INDEX "rmm_organization_mappings_client_idx" ON "rmm_organization_mappings" USING btree ("tenant_id","client_id");--> statement-breakpoint
CREATE INDEX "rmm_sync_run_errors_run_idx" ON "rmm_sync_run_errors" USING btree ("tenant_id","run_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_sync_run_pages_cursor_key" ON "rmm_sync_run_pages" USING btree ("run_id","resource","walk","cursor_after");--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_sync_runs_key" ON "rmm_sync_runs" USING btree ("key");--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_sync_runs_in_flight_key" ON "rmm_sync_runs" USING btree ("tenant_id","integration_id","type","target_external_id") WHERE "rmm_sync_runs"."status" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "rmm_sync_runs_list_idx" ON "rmm_sync_runs" USING btree ("tenant_id","integration_id","requested_at");--> statement-breakpoint
CREATE INDEX "rmm_sync_runs_open_idx" ON "rmm_sync_runs" USING btree ("heartbeat_at") WHERE "rmm_sync_runs"."status" in ('queued', 'running');--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_device_updates_external_key" ON "rmm_device_updates" USING btree ("tenant_id","integration_id","external_update_id");--> statement-breakpoint
CREATE INDEX "rmm_device_updates_device_idx" ON "rmm_device_updates" USING btree ("tenant_id","integration_id","external_device_id");--> statement-breakpoint
CREATE INDEX "sessions_user_idx" ON "sessions" USING btree ("tenant_id","user_id");--> statement-breakpoint
CREATE INDEX "sessions_expiry_idx" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "users_invite_token_key" ON "users" USING btree ("invite_token_hash");--> statement-breakpoint
CREATE INDEX "users_tenant_idx" ON "users" USING btree ("tenant_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_alerts" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "asset_details" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "assets" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "tenant_external_entity_mappings" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "clients" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "audit_log" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_events" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_webhook_deliveries" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_integrations" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_organization_mappings" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "tenant_secrets" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_sync_run_errors" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_sync_run_pages" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_sync_runs" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "tenants" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_device_updates" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "sessions" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "users" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);