### Bulgarian.

## The page

secured_by = Защитено от Kassa
default_title = Завършете покупката
languages = Език
terms_link = Общи условия
privacy_link = Политика за поверителност
support_link = Обслужване на клиенти
opens_in_new_tab = (отваря се в нов раздел)

## The order

order_summary = Обобщение на поръчката
quantity = Количество
more_lines =
    { $count ->
        [one] Показване на още { $count } артикул
       *[other] Показване на още { $count } артикула
    }
item = Артикул
discount = Отстъпка
delivery = Доставка
tax = Данък
surcharge = Надбавка
subtotal = Междинна сума
including_tax = С включен данък
total = Общо
order_number = Номер на поръчката

## Ways to pay

payment_heading = Начин на плащане
pay_now = Плащане сега
pay_later = Плащане по-късно
pay_over_time = Плащане на вноски
about_pay_now = Платете цялата сума днес.
about_pay_later = Платете на по-късна дата.
about_pay_over_time = Разпределете сумата на няколко плащания.
about_direct_debit = Сумата се изтегля от банковата Ви сметка.
about_direct_bank_transfer = Платете директно от банковата си сметка.

## The consumer's details

details_heading = Вашите данни
email = Имейл адрес
one_time_code = Еднократен код
one_time_code_hint = Шест цифри
sign_up_heading = За първи път сте тук
sign_up_hint = Нужни са ни още няколко данни, само този път.
given_name = Име
family_name = Фамилия
date_of_birth = Дата на раждане

## Buttons, and the payment form

buy = Купуване
rent = Наемане
book = Резервиране
subscribe = Абониране
download = Изтегляне
order = Поръчване
continue_purchase = Продължаване
pay = Плащане
processing = Обработва се…
script_needed = За плащането е необходим JavaScript. Включете го в браузъра си или се върнете в магазина.
category_unavailable = Този начин на плащане не е наличен за тази покупка. Моля, изберете друг.
payment_not_finished = Плащането не е завършено. Можете да опитате отново.
back = Назад към магазина
cancel = Отказ от покупката

## Errors and notices

error_prefix = Грешка:
error_summary = Моля, проверете следното
category_not_chosen = Изберете как искате да платите.
email_not_readable = Въведете имейл адрес, например ime@example.com.
code_not_readable = Въведете шестте цифри на кода.
code_rejected = Този код не е верен. Проверете го и го въведете отново.
given_name_missing = Въведете името си.
family_name_missing = Въведете фамилията си.
date_of_birth_not_readable = Въведете датата си на раждане.
order_changed = Поръчката се промени. Моля, проверете новата обща сума.
expires_soon = Тази връзка за плащане изтича в { $time }. Ако Ви е нужно повече време, поискайте нова връзка от магазина.
category_declined = Този начин на плащане не е наличен за Вашата покупка. Моля, изберете друг.

## The explanation of the sandbox

sandbox_heading = Тестова среда: не се превеждат истински пари
sandbox_code = произволни шест цифри, без 999999
sandbox_approves = плащането се одобрява
sandbox_declines = плащането се отхвърля
sandbox_fails = плащането завършва с техническа грешка
sandbox_signs_up = изискват се име и дата на раждане

## The question before a cancellation

cancel_heading = Да се откаже ли покупката?
cancel_text = Не е удържана никаква сума. Ако се откажете, тази връзка за плащане ще спре да работи.
cancel_confirm = Да, отказ от покупката
keep_paying = Продължаване на плащането

## Outcomes

declined_heading = Плащането беше отхвърлено
declined_text = Не е удържана никаква сума. Можете да опитате отново или да изберете друг начин на плащане в магазина.
error_heading = Възникна проблем
error_text = Техническа грешка прекъсна плащането. Не е удържана никаква сума.
confirming_heading = Вашето плащане се потвърждава
confirming_text = Това може да отнеме няколко минути. Не е необходимо да правите нищо. Моля, не плащайте отново: магазинът ще научи резултата дори ако затворите тази страница.
completed_heading = Плащането е потвърдено
completed_text = Благодарим Ви. Магазинът е уведомен и ще се погрижи за останалото.
cancelled_heading = Покупката е отказана
cancelled_text = Не е удържана никаква сума. Можете да затворите тази страница.
went_back_heading = Напуснахте плащането
went_back_text = Не е удържана никаква сума. Все още можете да завършите покупката си.
disabled_heading = Тази връзка за плащане вече не е валидна
disabled_text = Магазинът я е оттеглил. Моля, поискайте нова връзка от магазина.
expired_heading = Тази връзка за плащане е изтекла
expired_text = Моля, поискайте нова връзка от магазина.
not_found_heading = Тази връзка за плащане не ни е известна
not_found_text = Проверете дали сте копирали цялата връзка или поискайте нова от магазина.
unavailable_heading = Моля, опитайте отново след малко
unavailable_text = Страницата за плащане временно не е достъпна. Не е удържана никаква сума.
no_payments_heading = Този магазин не може да приема плащания в момента
no_payments_text = Не е удържана никаква сума. Моля, попитайте магазина как да платите.
retry = Нов опит
continue_to_shop = Към магазина
return_to_shop = Връщане в магазина
moving_on = След малко ще се върнете в магазина. Ако нищо не се случи, използвайте бутона.

## In a shop with staff

id_check_heading = Моля, покажете документ за самоличност
id_check_text = Покажете на персонала документа си за самоличност и този код. След проверката страницата ще продължи сама.
id_check_code = Код
display_heading = Сканирайте кода, за да платите
display_text = Насочете камерата на телефона си към кода и отворете връзката.
status_waiting = Изчаква се клиентът
status_in_progress = Клиентът плаща
status_back = Клиентът напусна плащането
status_timed_out = Клиентът не завърши плащането
staff_title = Плащане в магазина
staff_scan = Клиентът сканира този код с телефон и плаща от него.
staff_open_display = Отваряне на екрана за клиента
staff_send_email = Изпращане на връзката по имейл
staff_send_sms = Изпращане на връзката със SMS
phone = Телефонен номер
staff_send = Изпращане
staff_sent = Връзката ще бъде изпратена след малко.
staff_not_sent = Връзката не беше изпратена. Проверете адреса или номера и ако са верни, опитайте отново по-късно.
staff_id_check_heading = Проверете документа за самоличност
staff_id_check_text = Сравнете кода с този на телефона на клиента. След това сравнете документа с човека пред Вас.
staff_id_check_pass = Документът е наред
staff_id_check_fail = Отхвърляне на плащането
staff_id_check_over = Тази проверка приключи. Клиентът може отново да опита да плати.
staff_disable = Оттегляне на връзката
staff_disable_text = След това клиентът няма да може да плати с тази връзка.
staff_disable_yes = Да, оттегляне на връзката

## Messages

message_subject = Вашата покупка: { $shop }
message_text = Завършете покупката си ({ $shop }): { $link }
