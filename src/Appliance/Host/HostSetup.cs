using System.Globalization;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Host.Uplinks;
using Middlebox.Appliance.Options;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Listeners;

namespace Middlebox.Appliance.Host;

/// <summary>
/// Makes the changes to this network namespace that the box needs - parameters, routes, announced addresses, rules - and
/// takes every one of them back. Rules come last and go first: without them nothing reaches the box.
/// </summary>
public sealed class HostSetup(MiddleboxOptions options, PacketMarks marks, ILogger<HostSetup> logger)
{
    private const int FirstEndpointId = 100;
    private const string DeviceAddress = "169.254.86.84/32";

    private readonly Dictionary<string, AnnouncedEndpoint> _endpoints = [];
    private readonly Dictionary<string, string> _parametersBefore = [];
    private readonly Lock _rulesLock = new();
    private readonly Dictionary<RuleFamily, IReadOnlyList<string>> _installed = [];
    private Journal _journal = Journal.Open(options.JournalPath);
    private MiddleboxOptions? _inForce;
    private int _nextEndpointId = FirstEndpointId;
    private FirewallRules? _rules;
    private UplinkEndpoints? _uplinks;
    private bool _terminates = options.Terminates;
    private bool _claims;
    private bool _hasSets;
    private string _mark = "";

    /// <summary>The uplinks of the configuration in force.</summary>
    internal UplinkEndpoints Uplinks => _uplinks ??= new UplinkEndpoints(_journal, logger);

    private LocalDelivery Delivery => new(options.Interceptor, marks, _journal, logger);

    /// <summary>Takes back what runs have left that were not ended in order. No box may be running in this network namespace.</summary>
    /// <exception cref="HostSetupException">What they have left cannot be told.</exception>
    public void Recover()
    {
        foreach (var problem in Leftovers.TakeBack(_journal, journal => HostLog.Recovering(logger, journal.Path)))
            HostLog.NotRestored(logger, problem);
    }

    /// <summary>
    /// Goes on from what a daemon has left that was not ended in order, and whose connections this one takes over: nothing is taken back, for
    /// without it their packets would pass the box.
    /// </summary>
    public void Succeed()
    {
        // The daemon before may have had another control socket.
        _journal = Leftovers.MarkedJournal(_journal) ?? _journal;
        HostLog.Succeeding(logger, _journal.Path);
        // Those that end here go on, also where no further ones will.
        _terminates |= Delivery.WasAdded(Families);
        foreach (var parameter in _journal.Steps.OfType<UndoSysctl>())
            _parametersBefore.TryAdd(parameter.Key, parameter.Value);
        foreach (var (address, endpoint) in AnnouncedEndpoint.In(_journal.Steps, SignalEndpoints.ById()))
        {
            _endpoints.Add(address, endpoint);
            _nextEndpointId = Math.Max(_nextEndpointId, endpoint.Id + 1);
        }

        Uplinks.Succeed();
    }

    /// <summary>Routes, parameters, sets and announced addresses. The TUN device must exist.</summary>
    /// <exception cref="HostSetupException">Something failed; <see cref="Restore"/> takes back what was done.</exception>
    public void Prepare()
    {
        LeaveMark();
        BringDeviceUp();
        SetParameter(Sysctl.MptcpEnabled, "1");
        if (_terminates)
            PrepareToTerminate();
        SetPathManagerLimits();
        _hasSets = TryMakeSets();
        Announce(options.ProxyEngine.AnnouncedAddresses);
        Uplinks.Adapt(options.ProxyEngine.Uplinks);
    }

    /// <summary>What sockets of the box with the addresses of others need.</summary>
    private void PrepareToTerminate()
    {
        // With it the kernel finds the socket in TIME-WAIT of an ended connection for the SYN of the next one with the same
        // addresses and ports, and then cannot forward that SYN to the server; for IPv6 as well.
        SetParameter(Sysctl.TcpEarlyDemux, "0");
        foreach (var (key, value) in PatienceParameters.Of(options.ProxyEngine))
            SetParameter(key, value);
        if (FastOpenParameter.For(options.Converter) is { } fastOpen)
            SetParameter(Sysctl.TcpFastOpen, fastOpen);
        foreach (var family in Families)
            Delivery.Add(family);
    }

    /// <summary>The rules: from now on packets reach the box.</summary>
    /// <param name="leadsPastRules">Whether connection tracking does not see all segments of what is relayed.</param>
    /// <exception cref="HostSetupException">They were not taken.</exception>
    public void InstallRules(bool leadsPastRules)
    {
        var translation = TranslationOf(options, marks);
        _rules = new FirewallRules(
            options.Interceptor, marks, translation.AreNeeded || Firewall.UsesConntrack(options.Interceptor.Conntrack), _hasSets, translation, _terminates);
        KeepSpeakingMptcp(options);
        foreach (var family in Families)
        {
            Note(new UndoRules(family));
            Install(family, options);
        }

        // Connection tracking is in use by now, if it is going to be.
        foreach (var (key, value) in leadsPastRules ? RelayParameters.Of(Sysctl.Read) : [])
            SetParameter(key, value);
        _inForce = options;
    }

    /// <summary>Whether the rules of a family are as the box has installed them. If there is no telling, they are left alone.</summary>
    public bool AreRulesInForce(RuleFamily family)
    {
        lock (_rulesLock)
        {
            try
            {
                return Firewall.OwnRulesOf(family, _installed[family]).SequenceEqual(_installed[family]);
            }
            catch (HostSetupException)
            {
                return true;
            }
        }
    }

    /// <summary>Installs the rules of a family again, after another has removed or changed them.</summary>
    /// <exception cref="HostSetupException">They were not taken.</exception>
    public void MendRules(RuleFamily family)
    {
        lock (_rulesLock)
        {
            if (_hasSets)
            {
                Tool.Run(ConnectionSet.CreateCommand(family, options.Negotiation.MaxContexts)).OrThrow();
                Tool.Run(HeartbeatSet.CreateCommand(family)).OrThrow();
            }

            Install(family, _inForce!);
        }
    }

    /// <summary>Makes the changes that another configuration asks for while the box serves.</summary>
    /// <exception cref="HostSetupException">One failed, and all are taken back; the configuration must not come into force.</exception>
    public void Adapt(MiddleboxOptions next)
    {
        // Looked at before anything is changed, so that clients do not hear of an address that comes and goes at once.
        if (next.ProxyEngine.AnnouncedAddresses.FirstOrDefault(address => !HostCheck.IsOwnAddress(address)) is { } foreign)
            throw new HostSetupException($"AnnouncedAddresses: {foreign} is on none of this host's interfaces");
        if (next.Terminates && !_terminates)
        {
            throw new HostSetupException(
                "Policy: connections of others are to be served, which this daemon was started without; start another with it (\"middlebox upgrade\" keeps connections)");
        }

        try
        {
            KeepSpeakingMptcp(next);
            AdaptRules(next);
            Announce(next.ProxyEngine.AnnouncedAddresses);
            LimitSubflows(next.ProxyEngine.MaxSubflows);
            Uplinks.Adapt(next.ProxyEngine.Uplinks);
            _inForce = next;
        }
        catch (HostSetupException)
        {
            TakeBackAdaptation();
            throw;
        }
    }

    /// <summary>Takes the rules out: from now on packets pass. What cannot be removed is tried again by <see cref="Restore"/>.</summary>
    public static void RemoveRules()
    {
        foreach (var family in Families)
            new UndoRules(family).Run();
    }

    /// <summary>Takes everything back; what cannot be is logged.</summary>
    public void Restore()
    {
        foreach (var problem in _journal.UndoAll())
            HostLog.NotRestored(logger, problem);
    }

    /// <summary>The families that this kernel forwards.</summary>
    public static IEnumerable<RuleFamily> Families => Sysctl.Read(Sysctl.Ipv6Forward) is null
        ? [RuleFamily.IPv4]
        : [RuleFamily.IPv4, RuleFamily.IPv6];

    /// <summary>The rules about connections that the kernel relays by translation.</summary>
    public static TranslationRules TranslationOf(MiddleboxOptions options, PacketMarks marks) =>
        new(options.Addressed, options.HostProxy, options.Interceptor, marks);

    /// <summary>The address that listeners of a family are bound to, as the rules write it.</summary>
    public static string ListenAddressOf(RuleFamily family) =>
        (family == RuleFamily.IPv4 ? ListenAddress.Ipv4 : ListenAddress.Ipv6).ToString();

    private void TakeBackAdaptation()
    {
        try
        {
            Announce(_inForce!.ProxyEngine.AnnouncedAddresses);
            AdaptRules(_inForce);
            LimitSubflows(_inForce.ProxyEngine.MaxSubflows);
        }
        catch (HostSetupException failure)
        {
            HostLog.NotRestored(logger, failure.Message);
        }
    }

    /// <summary>In place of what there is, in one transaction for each table: connections that are relayed must not miss a rule for a moment.</summary>
    private void Install(RuleFamily family, MiddleboxOptions inForce)
    {
        var present = Tool.Run([Firewall.SaveTool(family)]).OrThrow().Output;
        var rules = _rules!.Installation(family, ListenAddressOf(family)) + (family == RuleFamily.IPv4 ? _mark : "");
        Apply(family, RuleReplacement.Of(present, _installed.GetValueOrDefault(family, []), rules, AdaptationTo(family, inForce)));
    }

    /// <summary>Says in this namespace where the journal lies, before anything is changed. Without it another box that starts after a crash finds it by its name only.</summary>
    private void LeaveMark()
    {
        var step = Note(new UndoMark());
        var mark = JournalMark.Installation(_journal.Path);
        var left = mark is null ? null : Tool.Run(Firewall.RestoreCommand(RuleFamily.IPv4), mark);
        if (left is { Succeeded: true })
        {
            _mark = mark!;
            return;
        }

        _journal.Remove(step);
        HostLog.NoMark(logger, _journal.Path, left?.Error ?? "its name does not fit into a comment");
    }

    /// <summary>Writes a change down that is about to be made, unless an earlier run has.</summary>
    private T Note<T>(T step)
        where T : UndoStep
    {
        if (_journal.Find(step) is T noted)
            return noted;
        _journal.Add(step);
        return step;
    }

    private void AdaptRules(MiddleboxOptions next)
    {
        lock (_rulesLock)
        {
            foreach (var family in Families)
                Apply(family, AdaptationTo(family, next));
        }
    }

    private string AdaptationTo(RuleFamily family, MiddleboxOptions next)
    {
        // Once on, it stays on: connections that were claimed finish as they began, also when the mode has changed.
        _claims |= next.Mode == NegotiationMode.Explicit;
        var announced = next.ProxyEngine.AnnouncedAddresses.Select(
            address => new HostEndpoint(HostAddress.Parse(address), new PortNumber((ushort)next.ProxyEngine.AnnouncedPort)))
            .Concat(options.Converter.Listen.Select(HostEndpoint.Parse));
        return _rules!.Adaptation(
            family, UpgradesClients(next), _claims, announced, next.Negotiation.ServerTimeout + next.Negotiation.ClientTimeout);
    }

    private void Apply(RuleFamily family, string rules)
    {
        Tool.Run(Firewall.RestoreCommand(family), rules).OrThrow();
        _installed[family] = Firewall.OwnRulesOf(family, []);
    }

    /// <returns>False if this kernel has no sets, or the host no tool for them: the box serves all the same.</returns>
    private bool TryMakeSets()
    {
        List<UndoCommand> made = [];
        foreach (var family in Families)
        {
            if (TryMake(ConnectionSet.CreateCommand(family, options.Negotiation.MaxContexts), ConnectionSet.DestroyCommand(family), made)
                && TryMake(HeartbeatSet.CreateCommand(family), HeartbeatSet.DestroyCommand(family), made))
                continue;
            foreach (var undo in made)
            {
                undo.Run();
                _journal.Remove(undo);
            }

            return false;
        }

        return true;
    }

    private bool TryMake(string[] create, string[] destroy, List<UndoCommand> made)
    {
        var step = Note(new UndoCommand(destroy));
        var result = Tool.Run(create);
        if (result.Succeeded)
        {
            made.Add(step);
            return true;
        }

        _journal.Remove(step);
        HostLog.NoSets(logger, $"'{string.Join(' ', create)}': {result.Error}");
        return false;
    }

    /// <summary>
    /// From 6.12 on the kernel speaks TCP on all MPTCP sockets that connect, for an hour and more, once one server has answered only without
    /// MP_CAPABLE. The box remembers that of each server by itself.
    /// </summary>
    private void KeepSpeakingMptcp(MiddleboxOptions next)
    {
        if ((UpgradesClients(next) || next.HostProxy.UsesConverter) && Sysctl.Read(Sysctl.MptcpBlackholeTimeout) is not null)
            SetParameter(Sysctl.MptcpBlackholeTimeout, "0");
    }

    private static bool UpgradesClients(MiddleboxOptions next) => next.Policy.Rules.Any(rule => rule.UpgradeClients);

    private void BringDeviceUp()
    {
        var device = options.Interceptor.Device;
        // The device goes with the process, and so does all that is set here. Its packets come from everywhere, so the
        // strict reverse path check would drop them, and so would the loose one, on a device without an address. Nothing
        // listens on that address, and nothing is to be sent out of the device.
        Sysctl.TryWrite($"net.ipv4.conf.{device}.rp_filter", "2", out _);
        Sysctl.TryWrite($"net.ipv6.conf.{device}.accept_ra", "0", out _);
        Tool.Run(["ip", "link", "set", "dev", device, "addrgenmode", "none"]);
        Tool.Run(["ip", "link", "set", "dev", device, "up"]).OrThrow();
        Tool.Run(["ip", "address", "add", DeviceAddress, "dev", device]).OrThrow();
    }

    private void SetParameter(string key, string value)
    {
        var before = Sysctl.Read(key) ?? throw new HostSetupException($"this kernel has no parameter {key}");
        if (before == value)
            return;
        if (_parametersBefore.TryAdd(key, before))
            _journal.Add(new UndoSysctl(key, before));
        if (!Sysctl.TryWrite(key, value, out var problem))
            throw new HostSetupException(problem!);
    }

    private void SetPathManagerLimits()
    {
        // "add_addr_accepted 0 subflows 2", which is what the command takes to set them as well.
        var before = Tool.Run(["ip", "mptcp", "limits", "show"]).OrThrow().Output
            .Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string[] set = ["ip", "mptcp", "limits", "set"];
        // What an earlier run has found, if this one goes on from it.
        if (!_journal.Steps.OfType<UndoCommand>().Any(step => step.Command.Take(set.Length).SequenceEqual(set)))
            _journal.Add(new UndoCommand([.. set, .. before]));
        LimitSubflows(options.ProxyEngine.MaxSubflows);
    }

    private static void LimitSubflows(int most) => Tool.Run(
        ["ip", "mptcp", "limits", "set", "subflows", most.ToString(CultureInfo.InvariantCulture)]).OrThrow();

    /// <summary>
    /// Makes these the announced addresses. The kernel tells clients of running connections of those that come (ADD_ADDR) and go
    /// (REMOVE_ADDR). With any, clients are told not to open subflows to the server's address, to which paths lead past the box.
    /// </summary>
    private void Announce(IReadOnlyList<string> addresses)
    {
        // Those that come first: one of them may fail, and then no client has been told that another goes.
        var port = options.ProxyEngine.AnnouncedPort.ToString(CultureInfo.InvariantCulture);
        foreach (var address in addresses.Where(address => !_endpoints.ContainsKey(address)))
        {
            // An id is not used again: clients may still hold it for an address that has gone.
            var id = _nextEndpointId++;
            AnnouncedEndpoint.ForgetEndedSubflows(address, port);
            var undo = _journal.Change(
                ["ip", "mptcp", "endpoint", "add", address, "id", $"{id}", "port", port, "signal"],
                AnnouncedEndpoint.DeleteCommand(id));
            _endpoints.Add(address, new AnnouncedEndpoint(id, undo));
        }

        foreach (var (address, endpoint) in _endpoints.Where(endpoint => !addresses.Contains(endpoint.Key)).ToList())
        {
            Tool.Run(AnnouncedEndpoint.DeleteCommand(endpoint.Id)).OrThrow();
            _journal.Remove(endpoint.Undo);
            _endpoints.Remove(address);
        }

        if (addresses.Count > 0)
            SetParameter(Sysctl.AllowJoinInitialAddress, "0");
        else if (_parametersBefore.TryGetValue(Sysctl.AllowJoinInitialAddress, out var before))
            SetParameter(Sysctl.AllowJoinInitialAddress, before);
    }
}
