ALTER TABLE "asset_details" ADD COLUMN "findings" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "asset_details_findings_idx" ON "asset_details" USING gin ("findings");--> statement-breakpoint
-- The words of domain/asset-findings. Not known is no finding.
CREATE FUNCTION "asset_findings"(info jsonb, disks jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_remove(ARRAY[
    CASE WHEN info -> 'osEndOfLife' = 'true' THEN 'endOfLife' END,
    CASE WHEN lower(info ->> 'antivirusStatus') NOT IN ('up to date', 'enabled', 'on', 'running', 'ok') THEN 'antivirus' END,
    CASE WHEN info -> 'firewallEnabled' = 'false' THEN 'firewallOff' END,
    CASE WHEN info -> 'primaryPartitionEncrypted' = 'false' THEN 'notEncrypted' END,
    CASE WHEN EXISTS (
      SELECT FROM jsonb_array_elements(disks) disk WHERE (disk ->> 'utilizationPercent')::numeric >= 90
    ) THEN 'diskFull' END,
    CASE WHEN lower(info ->> 'securityRisk') IN ('high', 'critical') THEN 'highRisk' END,
    CASE WHEN info -> 'maintenanceMode' = 'true' THEN 'maintenance' END
  ], NULL)
$$;
--> statement-breakpoint
CREATE FUNCTION "set_asset_findings"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.findings := asset_findings(NEW.system_info, NEW.disks);
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "asset_details_set_findings" BEFORE INSERT OR UPDATE OF "system_info", "disks" ON "asset_details"
  FOR EACH ROW EXECUTE FUNCTION set_asset_findings();
--> statement-breakpoint
ALTER TABLE "asset_details" DISABLE TRIGGER "asset_details_record_changes";
--> statement-breakpoint
UPDATE "asset_details" SET findings = asset_findings(system_info, disks) WHERE asset_findings(system_info, disks) <> '{}';
--> statement-breakpoint
ALTER TABLE "asset_details" ENABLE TRIGGER "asset_details_record_changes";
