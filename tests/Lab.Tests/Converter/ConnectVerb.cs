namespace Middlebox.Lab.Tests.Converter;

/// <summary><c>middlebox connect</c>, as a user of an end host runs it.</summary>
internal static class ConnectVerb
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "middlebox.dll");

    public static Task<CommandResult> RunAsync(LabHost host, string? input, string[] arguments, CancellationToken cancellation) =>
        host.RunAsync(["dotnet", Program, "connect", .. arguments], input, cancellation);
}
