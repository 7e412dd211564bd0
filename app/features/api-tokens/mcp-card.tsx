import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { PostForm, SubmitButton } from "~/ui/form";

/** Whether AI assistants may use tokens, and the address to give them. */
export const McpCard = ({
  isEnabled,
  address,
  isManager,
}: {
  isEnabled: boolean;
  address: string;
  isManager: boolean;
}) => (
  <Card>
    <CardHeader
      title="AI assistants (MCP)"
      description="An assistant that speaks the Model Context Protocol reads what its token may read; with the scopes Sync and Review it starts syncs and decides what is pending review. Each call is in the audit log."
    />
    <CardBody>
      {isEnabled ? (
        <div className="text-sm">
          <p>On. Give the assistant this address, and a token as bearer token:</p>
          <p className="mt-2 flex flex-wrap items-center gap-2">
            <code className="font-mono text-xs break-all text-ink">{address}</code>
            <CopyButton text={address} label="Copy the address for assistants" />
          </p>
        </div>
      ) : (
        <p className="text-sm">Off.{isManager ? "" : " An administrator can switch it on."}</p>
      )}
    </CardBody>
    {isManager && (
      <CardFooter>
        <PostForm intent="switch-mcp">
          <input type="hidden" name="to" value={isEnabled ? "off" : "on"} />
          <SubmitButton intent="switch-mcp" variant="secondary">
            {isEnabled ? "Switch off" : "Switch on"}
          </SubmitButton>
        </PostForm>
      </CardFooter>
    )}
  </Card>
);
