DROP INDEX "asset_details_tenant_idx";--> statement-breakpoint
CREATE INDEX "asset_details_patches_idx" ON "asset_details" USING btree ("tenant_id","asset_id","pending_os_patches");