CREATE TABLE "ticket_companies" (
	"tenant_id" uuid NOT NULL,
	"system_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"company_id" text NOT NULL,
	CONSTRAINT "ticket_companies_system_id_client_id_pk" PRIMARY KEY("system_id","client_id")
);
--> statement-breakpoint
ALTER TABLE "ticket_companies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "ticket_companies" ADD CONSTRAINT "ticket_companies_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ticket_companies" ADD CONSTRAINT "ticket_companies_system_id_ticket_systems_id_fk" FOREIGN KEY ("system_id") REFERENCES "public"."ticket_systems"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ticket_companies" ADD CONSTRAINT "ticket_companies_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ticket_companies_client_idx" ON "ticket_companies" USING btree ("client_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "ticket_companies" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);