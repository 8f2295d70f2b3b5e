### Was Agora Menschen auf Deutsch sagt, in Mails und auf eigenen Seiten (https://projectfluent.org).
###
### Eine Mail hat einen Betreff und einen Text. Ein Absatz, der nur aus einem Code besteht, steht groß da; einer, der nur aus
### einem Link besteht, wird ein Knopf mit dem Text von `action`. Wo `name` leer ist (Gäste, deren Adresse niemand belegt hat), entfällt die
### Lücke vor dem Komma.

## Mails über ein Konto

verification =
    .subject = { $code } ist dein Code
    .action = Adresse bestätigen
    .text =
        Hallo,

        dein Code lautet

        { $code }

        Er gilt 30 Minuten. Statt ihn einzutippen, kannst du diesem Link folgen und dein Passwort angeben:

        { $link }

        Falls du ihn nicht angefordert hast, brauchst du nichts zu tun.

address-taken =
    .subject = Du hast bereits ein Konto
    .text =
        Hallo,

        jemand wollte deine Adresse für ein Konto benutzen. Du hast bereits eines: Melde dich mit deinem Passwort an, oder wähle ein neues, falls du es vergessen hast.

        Falls du das nicht warst, brauchst du nichts zu tun.

session-reused =
    .subject = Du wurdest auf einem Gerät abgemeldet
    .text =
        Hallo { $name },

        ein Gerät von dir wurde abgemeldet, weil jemand einen alten Schlüssel seiner Sitzung benutzt hat. Falls das noch einmal geschieht, ändere dein Passwort.

password-reset =
    .subject = Wähle ein neues Passwort
    .action = Neues Passwort wählen
    .text =
        Hallo { $name },

        hier kannst du ein neues Passwort wählen. Der Link gilt eine Stunde lang und nur einmal:

        { $link }

        Falls du ihn nicht angefordert hast, brauchst du nichts zu tun: Dein Passwort bleibt, wie es ist.

password-changed =
    .subject = Dein Passwort wurde geändert
    .text =
        Hallo { $name },

        dein Passwort wurde geändert, und alle deine anderen Geräte wurden abgemeldet.

        Mit deinen Passkeys und deinen Konten an anderen Stellen kann man sich weiterhin anmelden: Sieh in den Einstellungen nach, ob alle davon dir gehören.

        Falls du das nicht warst, wähle sofort ein neues: Fordere mit „Passwort vergessen“ einen Link an.

email-change =
    .subject = { $code } ist dein Code
    .action = Diese Adresse verwenden
    .text =
        Hallo,

        du möchtest diese Adresse für dein Konto verwenden. Dein Code lautet

        { $code }

        Er gilt 30 Minuten. Statt ihn einzutippen, kannst du diesem Link folgen und dein Passwort angeben:

        { $link }

        Falls du das nicht angefordert hast, brauchst du nichts zu tun.

email-change-asked =
    .subject = Deine Adresse soll geändert werden
    .text =
        Hallo { $name },

        jemand, der dein Passwort kennt, möchte { $email } statt dieser Adresse für dein Konto verwenden.

        Falls du das nicht warst, ändere jetzt dein Passwort.

email-changed =
    .subject = Deine Adresse wurde geändert
    .text =
        Hallo { $name },

        dein Konto hat ab jetzt die Adresse { $email }. Melde dich mit ihr an.

        Falls du das nicht warst, schreibe sofort dem Support des Marktplatzes.

identity-linked =
    .subject = Du kannst dich mit { $provider } anmelden
    .text =
        Hallo { $name },

        ein Konto bei { $provider } wurde mit deinem verbunden: Wer es hat, kann sich ab jetzt als du anmelden.

        Falls du das nicht warst, löse die Verbindung in deinen Einstellungen, und wähle ein neues Passwort: Fordere mit „Passwort vergessen“ einen Link an.

identity-unlinked =
    .subject = Du kannst dich nicht mehr mit { $provider } anmelden
    .text =
        Hallo { $name },

        die Verbindung deines Kontos mit dem bei { $provider } wurde gelöst. Niemand meldet sich mehr mit ihm an.

        Falls du das nicht warst, wähle sofort ein neues Passwort: Fordere mit „Passwort vergessen“ einen Link an.

second-factor-added =
    .subject = Die Anmeldung hat jetzt einen zweiten Schritt
    .text =
        Hallo { $name },

        für dein Konto wurde ein Authenticator eingerichtet. Ab jetzt braucht die Anmeldung außer deinem Passwort einen Code von dort. Bewahre deine Wiederherstellungscodes so auf, dass du sie findest, wenn du ihn verlierst.

        Falls du das nicht warst, ändere sofort dein Passwort und schreibe dem Support des Marktplatzes.

second-factor-removed =
    .subject = Für die Anmeldung genügt wieder dein Passwort
    .text =
        Hallo { $name },

        der zweite Schritt der Anmeldung wurde für dein Konto abgeschaltet.

        Falls du das nicht warst, ändere sofort dein Passwort und schreibe dem Support des Marktplatzes.

second-factor-refused =
    .subject = Jemand gibt falsche Codes für dein Konto an
    .text =
        Hallo { $name },

        jemand hat mehrmals hintereinander falsche Codes für den zweiten Schritt der Anmeldung angegeben und ist damit nicht hineingekommen.

        Falls du das nicht warst, kennt jemand dein Passwort oder benutzt eines deiner Geräte: Wähle jetzt ein anderes Passwort. Nach hundert falschen Codes gelten die deiner App nicht mehr, bis du mit „Passwort vergessen“ ein neues Passwort gewählt oder einen Wiederherstellungscode oder Passkey benutzt hast.

recovery-code-used =
    .subject = Ein Wiederherstellungscode wurde benutzt
    .text =
        Hallo { $name },

        einer der Wiederherstellungscodes deines Kontos wurde benutzt. Er gilt nicht mehr; sind nur noch wenige übrig, erstelle neue.

        Falls du das nicht warst, ändere sofort dein Passwort und erstelle neue Wiederherstellungscodes.

recovery-codes-renewed =
    .subject = Du hast neue Wiederherstellungscodes
    .text =
        Hallo { $name },

        für dein Konto wurden neue Wiederherstellungscodes erstellt. Die bisherigen gelten nicht mehr.

        Falls du das nicht warst, ändere sofort dein Passwort und schreibe dem Support des Marktplatzes.

passkey-added =
    .subject = Ein Passkey kam hinzu
    .text =
        Hallo { $name },

        zu deinem Konto kam ein Passkey hinzu: ein Gerät oder ein Programm, das sich ohne dein Passwort anmeldet.

        Falls du das nicht warst, entferne ihn in deinen Einstellungen und ändere sofort dein Passwort.

passkey-removed =
    .subject = Ein Passkey wurde entfernt
    .text =
        Hallo { $name },

        ein Passkey deines Kontos wurde entfernt. Er meldet niemanden mehr an; du kannst ihn auch auf deinem Gerät löschen.

        Falls du das nicht warst, ändere sofort dein Passwort und schreibe dem Support des Marktplatzes.

passkey-copied =
    .subject = Von einem deiner Passkeys gibt es vielleicht eine Kopie
    .text =
        Hallo { $name },

        einer deiner Passkeys wurde benutzt und zählte weniger als zuvor. Vielleicht wurde er kopiert.

        Falls du das Gerät nicht neu eingerichtet hast, entferne den Passkey in deinen Einstellungen und lege einen anderen an.

## Mail über Bestellungen

# An den Käufer. $number: wie man sie spricht. $total: etwa 12.50 GBP. $link: die Bestellung.
order-paid =
    .subject = Deine Bestellung { $number } ist bezahlt
    .action = Meine Bestellung ansehen
    .text =
        Hallo { $name },

        danke. Deine Bestellung { $number } ist bezahlt, zusammen { $total }, und die Shops wissen davon.

        { $link }

# An die Käuferin oder den Käufer einer Bestellung, die nicht hier bezahlt wird. $number: wie man sie spricht. $total: etwa 12.50 GBP. $link: die Bestellung.
order-placed =
    .subject = Deine Bestellung { $number } ist aufgegeben
    .action = Meine Bestellung ansehen
    .text =
        Hallo { $name },

        danke. Deine Bestellung { $number } ist aufgegeben, zusammen { $total }, und die Shops wissen davon. Wie du bezahlst, machst du mit ihnen aus.

        { $link }

# An die Käuferin oder den Käufer, sobald die Bank zugesagt hat, was die Bestellung kostet.
order-authorized =
    .subject = Deine Bestellung { $number } ist aufgegeben
    .action = Meine Bestellung ansehen
    .text =
        Hallo { $name },

        danke. Deine Bank hat { $total } für deine Bestellung { $number } zugesagt, und die Shops wissen davon. Abgebucht wird, wenn etwas versendet wird, spätestens in einigen Tagen, und du bezahlst nur, was du bekommst.

        { $link }

# An die Käuferin oder den Käufer, wenn die Zusage der Bank hinfällig wurde, bevor abgebucht war.
order-authorization-lost =
    .subject = Bitte bezahle deine Bestellung { $number } noch einmal
    .action = Jetzt bezahlen
    .text =
        Hallo { $name },

        deine Bank hat nicht gehalten, was sie für deine Bestellung { $number } zugesagt hatte, deshalb ist sie nicht bezahlt. Bitte bezahle sie noch einmal. Ist noch nichts davon verpackt, wird sie in drei Tagen aufgehoben.

        { $link }

# An die Käuferin oder den Käufer, wenn nicht rechtzeitig bezahlt wurde, was sie zu einer bezahlten Bestellung hinzugefügt haben.
order-addition-lapsed =
    .subject = Was du zu deiner Bestellung { $number } hinzugefügt hast, ist wieder entfernt
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        was du zu deiner Bestellung { $number } hinzugefügt hast, wurde nicht rechtzeitig bezahlt. Es ist deshalb wieder entfernt und steht zum Verkauf. Alles andere, was du bestellt hast, bleibt, wie es war. Möchtest du es noch haben, füge es noch einmal hinzu.

        { $link }

# An die Käuferin oder den Käufer.
order-unpaid =
    .subject = Deine Bestellung { $number } wurde aufgehoben
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        deine Bestellung { $number } über { $total } wurde nicht rechtzeitig bezahlt. Sie ist deshalb aufgehoben, und was für dich zurückgelegt war, steht wieder zum Verkauf. Wenn du es noch willst, bestelle es noch einmal.

        { $link }

# An den Käufer, sobald Geld auf dem Weg zurück ist.
order-refunded =
    .subject = { $amount } für deine Bestellung { $number }
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        { $amount } von dem, was du für deine Bestellung { $number } bezahlt hast, gehen dorthin zurück, woher sie kamen. Je nachdem, wie du bezahlt hast, dauert das einige Tage. Dazu wird dir gesagt:

        { $reason }

        { $link }

# An einen Gast, sobald Geld auf dem Weg zurück ist.
order-refunded-unsaid =
    .subject = { $amount } für deine Bestellung { $number }
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        { $amount } von dem, was du für deine Bestellung { $number } bezahlt hast, gehen dorthin zurück, woher sie kamen. Je nachdem, wie du bezahlt hast, dauert das einige Tage.

        { $link }

# An den Käufer, sobald Geld auf dem Weg zurück ist, das zu viel war oder zu spät kam.
order-overpaid =
    .subject = { $amount } für deine Bestellung { $number }
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        für deine Bestellung { $number } kamen { $amount } an, die nicht zu zahlen waren: Sie war schon bezahlt oder aufgehoben, oder kostet inzwischen etwas anderes. Das Geld geht dorthin zurück, woher es kam. Je nachdem, wie du bezahlt hast, dauert das einige Tage.

        { $link }

# An den Käufer, sobald etwas unterwegs ist.
order-shipped =
    .subject = Deine Bestellung { $number } ist unterwegs
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        von deiner Bestellung { $number } ist etwas zu dir unterwegs.

        { $link }

# An den Käufer, sobald etwas unterwegs ist, das sich verfolgen lässt.
order-shipped-tracked =
    .subject = Deine Bestellung { $number } ist unterwegs
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        von deiner Bestellung { $number } ist etwas zu dir unterwegs. So lässt es sich verfolgen:

        { $tracking }

        { $link }

# An den Käufer, wenn ein Shop storniert hat, was er nicht schicken kann.
order-called-off =
    .subject = Etwas aus deiner Bestellung { $number } wurde storniert
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        ein Shop kann nicht alles schicken, was du mit { $number } bestellt hast, und hat es storniert. Falls du es schon bezahlt hast, geht das Geld an dich zurück. Dazu wird dir gesagt:

        { $reason }

        { $link }

# An einen Gast, wenn ein Shop storniert hat, was er nicht schicken kann.
order-called-off-unsaid =
    .subject = Etwas aus deiner Bestellung { $number } wurde storniert
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        ein Shop kann nicht alles schicken, was du mit { $number } bestellt hast, und hat es storniert. Falls du es schon bezahlt hast, geht das Geld an dich zurück.

        { $link }

# An den Käufer, wenn ein Shop etwas zurücknimmt.
return-approved =
    .subject = Du kannst etwas aus deiner Bestellung { $number } zurückschicken
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        was du aus deiner Bestellung { $number } zurückgeben möchtest, kannst du zurückschicken. Dazu wird dir gesagt:

        { $reason }

        { $link }

# An den Käufer, wenn ein Shop etwas nicht zurücknimmt.
return-declined =
    .subject = Etwas aus deiner Bestellung { $number } wird nicht zurückgenommen
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        was du aus deiner Bestellung { $number } zurückgeben wolltest, wird nicht zurückgenommen. Dazu wird dir gesagt:

        { $reason }

        { $link }

# An den Käufer, wenn etwas zurückgekommen ist.
return-received =
    .subject = Etwas aus deiner Bestellung { $number } ist zurückgekommen
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        was du aus deiner Bestellung { $number } zurückgeschickt hast, ist angekommen. Dazu wird dir gesagt:

        { $reason }

        { $link }

# An den Käufer, wenn ein Shop auf eine Beanstandung geantwortet hat.
claim-answered =
    .subject = Eine Antwort zu deiner Bestellung { $number }
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        du hast etwas an deiner Bestellung { $number } beanstandet. Das ist die Antwort. Wenn sie nicht genügt, lass innerhalb von sieben Tagen unser Team entscheiden:

        { $reason }

        { $link }

# An den Käufer, wenn sich das Team mit einer Beanstandung befasst.
claim-escalated =
    .subject = Wir befassen uns mit deiner Bestellung { $number }
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        du hast etwas an deiner Bestellung { $number } beanstandet. Unser Team befasst sich jetzt damit und entscheidet.

        { $link }

# An den Käufer, wenn das Team entschieden hat.
claim-decided =
    .subject = Eine Entscheidung zu deiner Bestellung { $number }
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        du hast etwas an deiner Bestellung { $number } beanstandet, und unser Team hat entschieden. Das sagt es dazu:

        { $reason }

        { $link }

# An die in einem Shop, die Geld erstatten.
shop-return-requested =
    .subject = Jemand möchte etwas aus { $number } zurückschicken
    .text =
        Hallo { $name },

        jemand möchte etwas aus der Bestellung { $number } zurückschicken. Bitte sieh es dir an und antworte.

# An die in einem Shop, die Geld erstatten.
shop-return-withdrawn =
    .subject = Aus { $number } kommt nichts zurück
    .text =
        Hallo { $name },

        was jemand aus der Bestellung { $number } zurückschicken wollte, wird nun doch behalten.

# An die in einem Shop, die Geld erstatten.
shop-claim-opened =
    .subject = Jemand beanstandet { $number }
    .text =
        Hallo { $name },

        jemand beanstandet die Bestellung { $number }. Bitte antworte innerhalb von drei Tagen; danach entscheidet unser Team. Das wird gesagt:

        { $reason }

# An die in einem Shop, die Geld erstatten.
shop-claim-escalated =
    .subject = Wir befassen uns mit { $number }
    .text =
        Hallo { $name },

        jemand hat die Bestellung { $number } beanstandet. Unser Team befasst sich jetzt damit und entscheidet.

# An die in einem Shop, die Geld erstatten.
shop-claim-decided =
    .subject = Eine Entscheidung zu { $number }
    .text =
        Hallo { $name },

        jemand hat die Bestellung { $number } beanstandet, und unser Team hat entschieden. Das sagt es dazu:

        { $reason }

# An die in einem Shop, die Geld erstatten.
shop-claim-closed =
    .subject = Die Beanstandung von { $number } ist erledigt
    .text =
        Hallo { $name },

        was jemand an der Bestellung { $number } beanstandet hat, ist erledigt.

# An die in einem Shop, die Geld erstatten.
shop-dispute-opened =
    .subject = Die Bank eines Käufers fragt nach { $number }
    .text =
        Hallo { $name },

        die Bank dessen, der die Bestellung { $number } bezahlt hat, holt das Geld zurück oder fragt nach der Zahlung. Was sie zurückholt, fehlt in deinem Guthaben, bis darüber entschieden ist. Der Markt antwortet der Bank: sage ihm bald, was zeigt, dass die Ware versandt wurde und angekommen ist.

# An die in einem Shop, die Geld erstatten.
shop-dispute-closed =
    .subject = Die Bank eines Käufers hat über { $number } entschieden
    .text =
        Hallo { $name },

        die Bank dessen, der die Bestellung { $number } bezahlt hat, hat entschieden, wem das Geld gehört. Gehört es dir, ist es wieder in deinem Guthaben.

# An den Käufer, wenn eine Beanstandung vorbei ist.
claim-closed =
    .subject = Deine Beanstandung von { $number } ist abgeschlossen
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        was du an deiner Bestellung { $number } beanstandet hast, ist abgeschlossen: Was du wolltest, geht an dich zurück, oder du hast nicht innerhalb von sieben Tagen gesagt, dass die Antwort nicht genügt.

        { $link }

# An die in einem Shop, die Geld erstatten, wenn unser Team für ihn gehandelt hat.
shop-return-settled =
    .subject = Was jemand aus { $number } zurückschickt
    .text =
        Hallo { $name },

        unser Team hat sich um das gekümmert, was jemand aus der Bestellung { $number } zurückschickt. Dazu sagt es:

        { $reason }

# An die in einem Shop, die Geld erstatten.
shop-order-edited =
    .subject = Die Bestellung { $number } wurde geändert
    .text =
        Hallo { $name },

        wer { $number } bestellt hat, hat etwas hinzugefügt oder will etwas daraus nicht mehr haben. Bitte sieh sie dir an, bevor du sie packst.

# An alle eines Shops, die versenden, wenn eine Bestellung aufgehoben wurde, von der sie wissen.
shop-order-cancelled =
    .subject = Die Bestellung { $number } wurde aufgehoben
    .text =
        Hallo { $name },

        die Bestellung { $number } wurde aufgehoben, bevor etwas davon gepackt war. Davon ist nichts zu versenden, und es liegt wieder in deinem Bestand.

# An alle eines Shops, die versenden, wenn die Zusage der Bank hinfällig wurde.
shop-authorization-lost =
    .subject = Versende { $number } noch nicht
    .text =
        Hallo { $name },

        die Bank dessen, der { $number } bestellt hat, hat ihre Zusage nicht gehalten, deshalb ist die Bestellung nicht bezahlt. Versende nicht, was du schon gepackt hast. Wer bestellt hat, wird gebeten, noch einmal zu bezahlen; ist nichts davon gepackt und zahlt niemand, wird sie in drei Tagen aufgehoben.

# An alle im Haus, die über Geld entscheiden.
staff-claim-escalated =
    .subject = Über { $number } ist zu entscheiden
    .text =
        Hallo { $name },

        eine Beschwerde über die Bestellung { $number } wartet auf eine Entscheidung des Marktes.

# An alle im Haus, die über Geld entscheiden.
staff-dispute-opened =
    .subject = Die Bank eines Käufers holt { $number } zurück
    .text =
        Hallo { $name },

        die Bank dessen, der die Bestellung { $number } bezahlt hat, holt das Geld zurück oder fragt nach der Zahlung. Sieh beim Zahlungsanbieter nach, ob sie auf eine Antwort wartet.

# An alle im Haus, die über Geld entscheiden. $due: ein Tag und eine Uhrzeit.
staff-dispute-due =
    .subject = Die Bank eines Käufers holt { $number } zurück: Antwort bis { $due }
    .text =
        Hallo { $name },

        die Bank dessen, der die Bestellung { $number } bezahlt hat, holt das Geld zurück oder fragt nach der Zahlung. Wird ihr nicht beim Zahlungsanbieter bis { $due } geantwortet, behält sie das Geld.

# An alle im Haus, die über Geld entscheiden.
staff-refund-failed =
    .subject = Geld für { $number } ging nicht zurück
    .text =
        Hallo { $name },

        der Zahlungsanbieter konnte Geld der Bestellung { $number } nicht zurückgeben oder sagt nicht, ob er es tat. Es ist noch geschuldet: bitte sieh es dir an und lass es noch einmal versuchen.

# An den Käufer, sobald Geld für etwas auf dem Weg zurück ist, das er storniert hat.
order-cancelled =
    .subject = { $amount } für deine Bestellung { $number }
    .action = Die Bestellung ansehen
    .text =
        Hallo { $name },

        du hast deine Bestellung { $number } oder etwas daraus storniert. Deshalb gehen { $amount }, die du bezahlt hast, dorthin zurück, woher sie kamen. Je nachdem, wie du bezahlt hast, dauert das einige Tage.

        { $link }

# An alle, die für einen Shop arbeiten, der etwas verkauft hat.
sale =
    .subject = { $shop } hat etwas verkauft: { $number }
    .text =
        Hallo { $name },

        die Bestellung { $number } kann versendet werden, davon { $total } für { $shop }. Was zu versenden ist, liegt an deinem Schalter.

## Mail über Shops

# An einen Inhaber eines Shops, welche Mail auch immer er möchte. $shop: sein Name.
owners-changed =
    .subject = Wem { $shop } gehört, hat sich geändert
    .text =
        Hallo { $name },

        wem { $shop } gehört, hat sich gerade geändert: Jemand ist Inhaber geworden oder ist es nicht mehr. An deinem Schalter siehst du, wem der Shop jetzt gehört. Inhaber entscheiden, wer für den Shop arbeitet und wohin sein Geld geht.

        Falls das weder du warst noch einer der anderen, berichtige es dort sofort, ändere dein Passwort und sag uns Bescheid.

# An jemanden, dem ein Shop bis jetzt gehörte, welche Mail auch immer er möchte. $shop: sein Name.
owner-no-more =
    .subject = { $shop } gehört dir nicht mehr
    .text =
        Hallo { $name },

        du bist nicht mehr Inhaber von { $shop }: Du hast es abgegeben, oder ein anderer Inhaber hat es dir genommen.

        Falls du nichts davon weißt, sag uns sofort Bescheid und ändere dein Passwort. Auf ein anderes Konto als bisher wird innerhalb von drei Tagen nichts ausgezahlt.

## Mail über Auszahlungen

# An einen Inhaber eines Shops. $shop: sein Name. $amount: mit der Währung.
payout-failed =
    .subject = Eine Auszahlung an { $shop } ist fehlgeschlagen
    .text =
        Hallo { $name },

        { $amount } konnten nicht an { $shop } ausgezahlt werden: Das Konto hat das Geld nicht angenommen. Es ist wieder im Guthaben des Shops, und nichts weiter wird ausgezahlt, bis du an deinem Schalter gesagt hast, wohin es gehen soll.

# An einen Inhaber eines Shops, welche Mail auch immer er möchte. $shop: sein Name.
payout-account =
    .subject = Das Geld von { $shop } geht an ein anderes Konto
    .text =
        Hallo { $name },

        ein Inhaber von { $shop } hat gerade gesagt, wohin das Geld geht: Von jetzt an wird es auf das Konto ausgezahlt, das er beim Zahlungsdienst genannt oder eingerichtet hat.

        Falls das weder du warst noch einer der anderen, sieh an deinem Schalter nach, wem der Shop gehört, nenne dort wieder euer eigenes Konto und ändere dein Passwort.

## Mail über den Bestand

# An jemanden, der den Bestand eines Shops führt. $title: der Variante. $left: wie viele Stücke da sind.
low-stock =
    .subject = { $shop } hat nur noch wenig von { $title }
    .text =
        Hallo { $name },

        von { $title } (SKU { $sku }) ist bei { $shop } nur noch wenig da, in Stück: { $left }. Du hörst wieder davon, wenn es mehr war und noch einmal so wenig wird.

# An jemanden, der darauf gewartet hat. $title: der Variante. $price: etwa 12.50 GBP.
back-in-stock =
    .subject = { $title } kann wieder bestellt werden
    .text =
        Hallo { $name },

        du wolltest es wissen: { $title } kann bei { $shop } wieder bestellt werden, für { $price }. Das ist die einzige Mail dazu.

## Mail über Favoriten

# An jemanden, dem es gefällt. $title: des Produkts. $price und $known: was es jetzt kostet und vorher kostete, etwa 12.50 GBP.
costs-less =
    .subject = { $title } kostet weniger
    .text =
        Hallo { $name },

        { $title }, das dir gefällt, gibt es bei { $shop } jetzt ab { $price }. Als du zuletzt davon gehört hast, waren es { $known }.

## Mail über Suchen

# An jemanden, der eine Suche gespeichert hat. $search: wie sie heißt. $titles: neue Artikel, die passen, je einer in einer Zeile.
search-found =
    .subject = Neu zu deiner Suche: { $search }
    .text =
        Hallo { $name },

        zu der Suche { $search }, die du gespeichert hast, passt etwas Neues:

        { $titles }

        Du hörst davon höchstens einmal am Tag, solange es dir gesagt werden soll.

## Mail über Nachrichten

# An jemanden, der Nachrichten eine Weile nicht gelesen hat, höchstens viermal am Tag. $messages und $conversations: wie viele.
message-digest =
    .subject = Ungelesene Nachrichten: { $messages }
    .text =
        Hallo { $name },

        Nachrichten warten darauf, dass du sie liest: { $messages }, in Unterhaltungen: { $conversations }.

## Mitteilungen

# Was ein Gerät zeigt, das geweckt wird, wenn dort nicht mehr stehen soll, weil jeder es lesen kann, der in der Nähe ist.
push-message = Neue Nachricht
push-order = Neues zu deiner Bestellung
push-shop = Neues aus deinem Geschäft
push-availability = Etwas ist wieder zu haben
push-price = Etwas, das dir gefällt, kostet weniger
push-search = Zu einer deiner Suchen gibt es Neues
push-news = Neues vom Marktplatz

# Unter Mail, die man abbestellen kann, vor dem Link dafür.
unsubscribe = Keine Mail dieser Art mehr

## Mail über Daten

# Das Archiv der Daten ist fertig. $day: bis wann.
export-ready =
    .subject = Deine Daten liegen bereit
    .text =
        Hallo { $name },

        das Archiv deiner Daten, um das du gebeten hast, ist fertig. Du findest es bis zum { $day } in deinen Einstellungen.

        Falls du nicht darum gebeten hast, ändere dein Passwort und sieh dir deine Geräte an.

# Jemand will das Konto löschen lassen. $day: wann das geschieht.
deletion-requested =
    .subject = Dein Konto wird am { $day } gelöscht
    .text =
        Hallo { $name },

        dein Konto wird am { $day } gelöscht. Bis dahin kannst du dich wie immer anmelden und es in deinen Einstellungen rückgängig machen. Danach kann es niemand wiederherstellen.

        Falls du nicht darum gebeten hast, melde dich an, mache es rückgängig und ändere dein Passwort.

deletion-cancelled =
    .subject = Dein Konto bleibt
    .text =
        Hallo { $name },

        du hast das Löschen deines Kontos rückgängig gemacht. Es bleibt, wie es ist.

# Inzwischen ist jemand der letzte Inhaber eines Shops.
deletion-put-off =
    .subject = Dein Konto konnte nicht gelöscht werden
    .text =
        Hallo { $name },

        dein Konto sollte gelöscht werden, aber du bist der letzte Inhaber eines Shops oder arbeitest inzwischen für den Marktplatz. Übergib das, und bitte dann noch einmal darum.

moderation-hidden =
    .subject = Etwas von dir wurde ausgeblendet
    .text =
        Hallo { $name },

        das Team des Marktplatzes hat etwas von dir ausgeblendet. Der Grund: { $reason }

        Was es war, findest du in deinem Konto. Wenn du das für falsch hältst, kannst du dort innerhalb von 30 Tagen widersprechen.

moderation-warned =
    .subject = Ein Hinweis vom Team des Marktplatzes
    .text =
        Hallo { $name },

        das Team des Marktplatzes hat sich etwas von dir angesehen, das hier nicht stehen sollte. Der Grund: { $reason }

        Was es war, findest du in deinem Konto. Wenn du das für falsch hältst, kannst du dort innerhalb von 30 Tagen widersprechen.

moderation-suspended =
    .subject = Du kannst bis { $day } nichts schreiben
    .text =
        Hallo { $name },

        bis { $day } kannst du auf dem Marktplatz keine Nachrichten und Bewertungen schreiben, außer Nachrichten zu deinen Bestellungen. Der Grund: { $reason }

        Wenn du das für falsch hältst, kannst du in deinem Konto innerhalb von 30 Tagen widersprechen.

moderation-suspended-for-good =
    .subject = Du kannst nichts mehr schreiben
    .text =
        Hallo { $name },

        du kannst auf dem Marktplatz keine Nachrichten und Bewertungen mehr schreiben, außer Nachrichten zu deinen Bestellungen. Der Grund: { $reason }

        Wenn du das für falsch hältst, kannst du in deinem Konto innerhalb von 30 Tagen widersprechen.

moderation-upheld =
    .subject = Die Entscheidung bleibt
    .text =
        Hallo { $name },

        das Team des Marktplatzes hat sich seine Entscheidung noch einmal angesehen, und sie bleibt. Der Grund: { $reason }

moderation-overturned =
    .subject = Die Entscheidung wurde aufgehoben
    .text =
        Hallo { $name },

        das Team des Marktplatzes hat sich seine Entscheidung noch einmal angesehen und sie aufgehoben. Der Grund: { $reason }

test =
    .subject = Ein Test der Mail deines Marktplatzes
    .text =
        Hallo,

        diese Mail kam von „agora mail test“. Mails gehen hinaus, wie sie sollen.

## Seiten

page-verify = Adresse bestätigen
    .question = Ist { $email } deine Adresse? Dann gib dein Passwort an.
    .password = Passwort
    .action = Ja, bestätigen
    .done = { $email } ist bestätigt. Du kannst dich jetzt anmelden.
page-reset = Neues Passwort wählen
    .question = Für { $email }. Mindestens 10 Zeichen.
    .password = Neues Passwort
    .action = Speichern
    .done = Dein neues Passwort gilt ab jetzt, und alle Geräte wurden abgemeldet. Du kannst dich jetzt anmelden.
page-order = Bestellung { $number }
    .state = { $state ->
        [UNPAID] Noch nicht bezahlt.
        [PARTIALLY_PAID] Teilweise bezahlt.
        [CANCELLED] Storniert.
       *[other] Bezahlt.
    }
    .total = Zusammen
page-document = { $kind ->
        [CREDIT_NOTE] Gutschrift { $number }
       *[other] Rechnung { $number }
    }
    .issued = Ausgestellt am { $date }
    .order = Bestellung { $number } vom { $date }
    .invoice = Zur Rechnung { $number }
    .from = Von
    .to = An
    .forgotten = An wen das ging, wird nicht mehr aufbewahrt.
    .item = Artikel
    .quantity = Menge
    .price = Einzelpreis
    .discount = Nachlass
    .rate = Steuersatz
    .net = Ohne Steuer
    .tax = Steuer
    .gross = Mit Steuer
    .total = Zusammen
page-unsubscribe = Mail abbestellen
    .question = Keine Mail dieser Art mehr? Du kannst sie in deinen Einstellungen wieder bestellen.
    .action = Ja, abbestellen
    .done = Du bekommst keine Mail dieser Art mehr.
page-gone = Dieser Link führt nirgends mehr hin
    .text = Er wurde benutzt, ist zu alt oder nicht ganz. Fordere einen neuen an.
page-busy = Bitte versuche es noch einmal
    .text = Im Augenblick ist zu viel zu tun. Komm in einer Weile wieder.

## Was empfohlen wird

# Warum es empfohlen wird. $source: das Produkt oder der Shop, worauf es beruht; `alone`, wo es auf keinem beruht.
recommendation-bought-together = Oft bestellt mit { $source }
recommendation-goes-with-the-same = Passt zu denselben Dingen wie { $source }
recommendation-same-category = Neu in der Kategorie von { $source }
    .alone = Neu in Kategorien, die du ansiehst
recommendation-in-cart =
    .alone = In deinem Warenkorb
recommendation-viewed = Du hast { $source } angesehen
    .alone = Du hast es dir kürzlich angesehen
recommendation-ordered = Du hast { $source } bestellt
recommendation-history =
    .alone = Passt zu dem, was du bestellt, dir gemerkt und angesehen hast
recommendation-followed-shop = Von { $source }, dem du folgst
    .alone = Von Shops, denen du folgst
recommendation-price-dropped =
    .alone = Kostet weniger als damals, als du es dir gemerkt hast
recommendation-back-in-stock =
    .alone = Wieder bestellbar
recommendation-trending =
    .alone = Von vielen in letzter Zeit bestellt
recommendation-best-selling =
    .alone = Gehört zum Meistverkauften

# Die Abschnitte der Startseite. $source: das Produkt, auf dem ein Abschnitt beruht.
home-cart = Noch in deinem Warenkorb
home-recently-viewed = Zuletzt angesehen
home-for-you = Für dich
home-price-drops = Jetzt günstiger
home-back-in-stock = Wieder da
home-because-ordered = Weil du { $source } bestellt hast
home-because-viewed = Weil du { $source } angesehen hast
home-followed-shops = Von Shops, denen du folgst
home-trending = Gerade beliebt
home-new-in-categories = Neu für dich
home-best-selling = Meistverkauft
