using Middlebox.Appliance.Commands.Fuzz.Targets;
using Middlebox.Fuzzing;

namespace Middlebox.Appliance.Commands.Fuzz;

/// <summary>Everything that reads hostile bytes.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTargetKind> All { get; } =
    [
        .. WireTargets.All,
        new("control", "requests on the control socket: each is answered with one JSON document, an error unless it is one of the known; filters and queries read as a second reader does", static () => new ControlTarget()),
        new("http", "requests to the dashboard: taken or refused as a second reader does and whatever pieces they come in, always answered, and nothing told without the token", static () => new HttpTarget()),
        new("configuration", "configuration files: taken or refused with reasons that name a key, never both and never a crash; what is taken stands the check, and reads again as the same", static () => new ConfigurationTarget()),
    ];
}
