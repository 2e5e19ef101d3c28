using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Middlebox.Appliance.Commands;

/// <summary>The library's help, with examples of the verb below it.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> Examples = new()
    {
        [""] = ["middlebox demo", "middlebox check --config configs/implicit.json", "middlebox lab up one-proxy"],
        ["run"] = ["middlebox run --config configs/implicit.json", "Middlebox__Name=p1 middlebox run --config configs/implicit.json"],
        ["keep"] = ["middlebox keep --config configs/implicit.json"],
        ["upgrade"] = ["middlebox upgrade", "middlebox upgrade --name p1 --json"],
        ["restore"] = ["middlebox restore", "middlebox restore --config /etc/middlebox/middlebox.json"],
        ["check"] = ["middlebox check --config configs/implicit.json", "middlebox check --config configs/implicit.json --json"],
        ["status"] = ["middlebox status", "middlebox status --name p1 --json"],
        ["flows"] = ["middlebox flows", "middlebox flows --socket /run/middlebox-lab/one-proxy/box/control.sock --json"],
        ["servers"] = ["middlebox servers", "middlebox servers --name p1 --json", "middlebox servers --clear"],
        ["config"] =
        [
            "middlebox config check --config configs/implicit.json", "middlebox config explain ProxyEngine:MaxFlows",
            "middlebox config schema > middlebox.schema.json",
        ],
        ["config check"] = ["middlebox config check --config configs/implicit.json", "middlebox config check --config configs/explicit.json --json"],
        ["config show"] = ["middlebox config show --config configs/implicit.json"],
        ["config explain"] = ["middlebox config explain ProxyEngine:MaxFlows", "middlebox config explain Policy"],
        ["config schema"] = ["middlebox config schema > middlebox.schema.json"],
        ["top"] = ["middlebox top", "middlebox top --rows 20", "middlebox top --once --name p1"],
        ["explain"] =
        [
            "middlebox explain", "middlebox explain 198.18.1.2", "middlebox explain 198.18.1.2 198.18.10.2:443",
            "middlebox explain any 198.18.10.2:443 --json",
        ],
        ["trace"] =
        [
            "middlebox trace", "middlebox trace --client 198.18.1.0/24 --ports 443 --past",
            "middlebox trace --reasons serverLegacy,clientVanished --json", "middlebox trace --pcap handshakes.pcapng --count 100",
        ],
        ["verify-proxy"] = ["middlebox verify-proxy --keys /etc/middlebox/claim-keys", "middlebox verify-proxy --count 10 --json"],
        ["connect"] =
        [
            "middlebox connect 203.0.113.80 80 --via 198.51.100.7:5124", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | middlebox connect example.com 80 --via proxy.example -v",
            "ssh -o ProxyCommand='middlebox connect %h %p --via proxy.example' server.example",
        ],
        ["lab"] = ["middlebox lab list", "middlebox lab up one-proxy", "middlebox lab exec client -- ip mptcp endpoint", "middlebox lab down one-proxy"],
        ["lab up"] = ["middlebox lab up one-proxy", "middlebox lab up one-proxy --rate wifi=50mbit --rate lte=50mbit --loss lte=0.01"],
        ["lab down"] = ["middlebox lab down one-proxy", "middlebox lab down --all"],
        ["lab exec"] = ["middlebox lab exec client -- mptcpize run curl http://198.18.10.2/whoami", "middlebox lab exec box -- ss -tiM"],
        ["lab list"] = ["middlebox lab list", "middlebox lab list --json"],
        ["lab trace"] = ["middlebox lab trace --mean 8mbit --seconds 30 --seed 3 > configs/labs/traces/cellular.trace"],
        ["lab run"] = ["middlebox lab run election", "middlebox lab run selection --json"],
        ["lab run mobility"] =
        [
            "middlebox lab run mobility --trace mobility-walk --pictures /tmp/pictures",
            "middlebox lab run mobility --runs 5 --json",
        ],
        ["bench"] = ["middlebox bench --quick", "middlebox bench --figures bulk,rate --rounds 3 --out results", "middlebox bench --figures pingpong --json"],
        ["fuzz"] = ["middlebox fuzz", "middlebox fuzz packet handshake --minutes 30 --seed 7", "middlebox fuzz --json --corpus /tmp/findings"],
        ["soak"] = ["middlebox soak", "middlebox soak --minutes 10 --out results", "middlebox soak --faults wifiCut kill"],
        ["demo"] = ["middlebox demo", "middlebox demo --json"],
        ["package"] = ["middlebox package", "middlebox package --out /tmp"],
    };

    /// <summary>Puts the examples under the help of every verb.</summary>
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((SynchronousCommandLineAction)option.Action!);
    }

    /// <param name="path">The words that lead to a verb, such as <c>config check</c>.</param>
    public static IReadOnlyList<string> ExamplesOf(string path) => Examples.TryGetValue(path, out var examples) ? examples : [];

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = help.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        var examples = ExamplesOf(Verb.PathOf(command));
        if (examples.Count > 0)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples)
                output.WriteLine($"  {example}");
            output.WriteLine();
        }

        return exitCode;
    }
}
