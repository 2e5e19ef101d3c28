using System.Reflection;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Host;
using Middlebox.Interceptor;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Tests.Logs;

/// <summary>One of the log messages of the box, found in the assemblies, with arguments that are full of addresses.</summary>
internal sealed class LogMessage(MethodInfo method)
{
    private const string Addresses = "198.18.1.2:50000 > [2001:db8::1]:443 in 198.18.0.0/15";

    private static readonly string Packet = string.Concat(Enumerable.Repeat("C6120102", 20));

    public int Number => Attribute.EventId;

    public string Format => Attribute.Message;

    /// <summary>Its level; "as found" if it depends.</summary>
    public string Level => Attribute.Level == LogLevel.None ? "as found" : $"{Attribute.Level}";

    /// <summary>All of them.</summary>
    public static IEnumerable<LogMessage> All =>
        new[] { typeof(Finding).Assembly, typeof(PacketInterceptor).Assembly, typeof(RelayEngine).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null)
            .Select(method => new LogMessage(method));

    private LoggerMessageAttribute Attribute => method.GetCustomAttribute<LoggerMessageAttribute>()!;

    public void LogTo(ILogger logger, LogLevel orElse) =>
        method.Invoke(null, [.. method.GetParameters().Select(parameter => Argument(parameter, logger, orElse))]);

    public override string ToString() => $"{method.DeclaringType!.Name}.{method.Name}";

    private static object? Argument(ParameterInfo parameter, ILogger logger, LogLevel level)
    {
        var flow = new FlowKey(Endpoint("198.18.1.2:50000"), Endpoint("[2001:db8::1]:443"));
        return parameter.ParameterType switch
        {
            var type when type == typeof(ILogger) => logger,
            var type when type == typeof(LogLevel) => level,
            var type when type == typeof(string) => parameter.Name == "packet" ? Packet : Addresses,
            var type when type == typeof(FlowKey) => flow,
            var type when type == typeof(Exception) => new InvalidOperationException($"about {Addresses}", new IOException(Packet)),
            var type when type == typeof(Finding) => new Finding(Severity.Warning, "Announced address", Addresses, Addresses),
            { IsValueType: true } type => Activator.CreateInstance(type),
            var type => throw new NotSupportedException($"{parameter.Member}: this test must know how to make a {type}"),
        };
    }

    private static HostEndpoint Endpoint(string text) => HostEndpoint.TryParse(text, out var endpoint) ? endpoint : throw new FormatException(text);
}
